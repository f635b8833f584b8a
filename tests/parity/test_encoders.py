"""Our umT5 and CLIP against transformers' on the same random weights, by way of our maps of its names."""

from typing import Any

import pytest
import torch

from wanmove_core.loading import names_clip, names_umt5
from wanmove_core.models.clip_vision import ClipVision, ClipVisionConfig
from wanmove_core.models.umt5 import UMT5Config, UMT5Encoder

pytestmark = pytest.mark.parity
transformers = pytest.importorskip("transformers")

TEXT_ROUNDING = 1e-5
"""largest difference in float32, 3.4e-6 measured with outputs up to 2.6; transformers adds up in another order"""
TEXT_ROUNDING_BFLOAT16 = 0.05
"""largest difference in bfloat16, 0.03 measured with outputs up to 1.5; transformers' softmax does not widen to float32"""


def pair_of_text_encoders(heads: int = 4) -> tuple[UMT5Encoder, Any]:
    torch.manual_seed(heads)
    config = transformers.UMT5Config(
        vocab_size=300,
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=3,
        num_heads=heads,
        feed_forward_proj="gated-gelu",
        dropout_rate=0.0,
    )
    theirs = transformers.UMT5EncoderModel(config).eval()
    for value in theirs.parameters():
        torch.nn.init.normal_(value, std=0.3)
    ours = UMT5Encoder(UMT5Config(300, 32, 8 * heads, 64, heads, 3)).eval()
    ours.load_state_dict({str(names_umt5.wan_name(name)): value for name, value in theirs.state_dict().items()})
    return ours, theirs


@pytest.mark.parametrize("heads", [1, 4])
@pytest.mark.parametrize("length", [1, 7, 37, 300, 512])
@torch.no_grad()
def test_text_is_encoded_as_by_transformers(length: int, heads: int):
    ours, theirs = pair_of_text_encoders(heads)
    ids = torch.randint(0, 300, (2, length))
    difference = ours(ids, torch.float32) - theirs(input_ids=ids).last_hidden_state
    assert float(difference.abs().max()) < TEXT_ROUNDING


@torch.no_grad()
def test_padded_text_is_encoded_as_by_transformers():
    ours, theirs = pair_of_text_encoders()
    ids, mask = torch.randint(0, 300, (2, 512)), torch.arange(512) < torch.tensor([[37], [5]])
    difference = ours(ids, torch.float32, mask) - theirs(input_ids=ids, attention_mask=mask.long()).last_hidden_state
    assert float(difference[mask].abs().max()) < TEXT_ROUNDING


@torch.no_grad()
def test_text_in_bfloat16_is_near_that_of_transformers():
    ours, theirs = (network.bfloat16() for network in pair_of_text_encoders())
    ids = torch.randint(0, 300, (1, 40))
    difference = ours(ids, torch.bfloat16) - theirs(input_ids=ids).last_hidden_state
    assert 0 < float(difference.abs().max()) < TEXT_ROUNDING_BFLOAT16


def pair_of_image_encoders(heads: int, layers: int) -> tuple[ClipVision, Any]:
    torch.manual_seed(layers)
    config = transformers.CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=layers, num_attention_heads=heads, image_size=28, patch_size=7,
        hidden_act="gelu",
    )  # fmt: skip
    theirs = transformers.CLIPVisionModel(config).eval()
    for value in theirs.parameters():
        torch.nn.init.normal_(value, std=0.2)
    ours = ClipVision(ClipVisionConfig(32, 64, heads, layers, 28, 7)).eval()
    shapes = {name: value.shape for name, value in ours.state_dict().items()}
    parts: dict[str, list[torch.Tensor]] = {}
    for name, value in theirs.state_dict().items():  # query, key, value in any order: their numbers sort them
        place = names_clip.place_of(name.removeprefix("vision_model."))
        assert place is not None or names_clip.is_left_out(name)
        if place is not None and place.name in shapes:
            parts.setdefault(place.name, [torch.empty(0)] * (1 if place.third is None else 3))[place.third or 0] = value
    ours.load_state_dict({name: torch.cat(values).view(shapes[name]) for name, values in parts.items()})
    return ours, theirs


@pytest.mark.parametrize(("heads", "layers"), [(2, 4), (4, 2), (1, 3)])
@torch.no_grad()
def test_tokens_of_a_picture_are_the_last_hidden_state_but_one_of_transformers(heads: int, layers: int):
    ours, theirs = pair_of_image_encoders(heads, layers)
    pictures = torch.randn(2, 3, 28, 28)
    assert torch.equal(ours(pictures), theirs(pictures, output_hidden_states=True).hidden_states[-2])
