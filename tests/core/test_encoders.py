"""Prompts and pictures encoded by networks from files in each layout; what is no encoder is refused by its name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch.utils._python_dispatch import TorchDispatchMode

from tests.core.checkpoint_files import tiny_dit_bytes, tiny_vae
from tests.core.encoder_files import (
    PICTURE,
    TEXT,
    State,
    as_llama_cpp,
    as_transformers,
    picture_as_transformers,
    picture_network,
    picture_state,
    text_network,
    text_state,
    with_tokenizer,
    write_text_encoder,
)
from tests.core.format_files import write_gguf
from tests.core.tiny_tokenizer import tiny_sentencepiece
from wanmove_core.encoding.image_encoder import encode_picture, load_image_encoder
from wanmove_core.encoding.layers import run_each_on, run_on
from wanmove_core.encoding.picture import prepare_picture
from wanmove_core.encoding.text_encoder import TextEncoder, encode_prompt, load_text_encoder
from wanmove_core.errors import CheckpointError, RequestError
from wanmove_core.host import SilentHost
from wanmove_core.loading.encoders import load_umt5, open_umt5

pytest.importorskip("sentencepiece")
PROMPT = "the cat turns its head and looks into the camera"
HOST = SilentHost()


class WatchingHost(SilentHost):
    def __init__(self, stop_at: int = 10**9) -> None:
        super().__init__()
        self.steps: list[tuple[str, int, int]] = []
        self.questions, self.stop_at = 0, stop_at

    def progress(self, stage: str, step: int, total: int) -> None:
        self.steps.append((stage, step, total))

    def check_interrupted(self) -> None:
        self.questions += 1
        if self.questions == self.stop_at:
            raise KeyboardInterrupt


def encoded(encoder: TextEncoder, prompt: str = PROMPT) -> torch.Tensor:
    return encode_prompt(encoder, prompt, HOST)


def expected(prompt: str = PROMPT, dtype: torch.dtype = torch.float32, state: State | None = None) -> torch.Tensor:
    """What the released code gives: padded to 512 tokens, masked, cut to the prompt's."""
    import sentencepiece

    tokens = [*sentencepiece.SentencePieceProcessor(model_proto=tiny_sentencepiece()).encode(prompt), 1]
    ids = torch.tensor([tokens + [0] * (512 - len(tokens))])
    network = type(text_network())(TEXT).eval().requires_grad_(False)
    network.load_state_dict(state or text_state(dtype), assign=True)
    with torch.no_grad():
        return network(ids, dtype, torch.arange(512).unsqueeze(0) < len(tokens))[0, : len(tokens)]


def as_pth(folder: Path, state: State) -> Path:
    (folder / "google" / "umt5-xxl").mkdir(parents=True)
    (folder / "google" / "umt5-xxl" / "spiece.model").write_bytes(tiny_sentencepiece())
    torch.save(state, folder / "models_t5_umt5-xxl-enc-bf16.pth")
    return folder / "models_t5_umt5-xxl-enc-bf16.pth"


def as_comfyui(folder: Path, state: State) -> Path:
    save_file(with_tokenizer(as_transformers(state)), folder / "umt5_xxl_fp16.safetensors")
    return folder / "umt5_xxl_fp16.safetensors"


def behind_a_prefix(folder: Path, state: State) -> Path:
    named = {f"text_encoders.umt5xxl.transformer.{name}": value for name, value in as_transformers(state).items()}
    save_file(with_tokenizer(named), folder / "checkpoint.safetensors")
    return folder / "checkpoint.safetensors"


def as_whole_umt5(folder: Path, state: State) -> Path:
    """With a decoder, and the table of tokens under both of its names."""
    named = as_transformers(state)
    named |= {"decoder.block.0.layer.0.layer_norm.weight": torch.ones(4), "lm_head.weight": torch.ones(4, 4)}
    named["encoder.embed_tokens.weight"] = named["shared.weight"].clone()
    save_file(with_tokenizer(named), folder / "model.safetensors")
    return folder / "model.safetensors"


def as_diffusers(folder: Path, state: State) -> Path:
    """The folder of a whole pipeline."""
    for below in ("text_encoder", "tokenizer", "transformer"):
        (folder / below).mkdir()
    (folder / "tokenizer" / "spiece.model").write_bytes(tiny_sentencepiece())
    save_file(as_transformers(state), folder / "text_encoder" / "model.safetensors")
    return folder


def as_released_folder(folder: Path, state: State) -> Path:
    """With the other files of a release beside it."""
    torch.save(tiny_vae().state_dict(), folder / "Wan2.1_VAE.pth")
    as_pth(folder, state)
    return folder


LAYOUTS = [as_pth, as_comfyui, behind_a_prefix, as_whole_umt5, as_diffusers, as_released_folder]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("write", LAYOUTS)
def test_a_prompt_is_encoded_to_the_bit_from_each_layout(write: Callable[..., Path], dtype: torch.dtype, tmp_path: Path):
    encoder = load_text_encoder(write(tmp_path, text_state(dtype)), dtype=dtype)
    assert torch.equal(encoded(encoder), expected(dtype=dtype))


@pytest.mark.parametrize(
    "prompt", ["", "a", "waves roll", PROMPT, PROMPT * 30], ids=["none", "short", "two words", "one", "cut"]
)
def test_a_prompt_of_any_length_gives_to_the_bit_what_it_gives_padded(prompt: str, tmp_path: Path):
    encoder = load_text_encoder(write_text_encoder(tmp_path / "umt5.safetensors"))
    if len(prompt) < 1000:
        assert torch.equal(encoded(encoder, prompt), expected(prompt))
    else:
        assert encoded(encoder, prompt).shape == (512, 64)


def test_several_prompts_are_each_encoded_as_alone(tmp_path: Path):
    encoder = load_text_encoder(write_text_encoder(tmp_path / "umt5.safetensors"))
    both = encoder.encode([PROMPT, "a red  balloon"], HOST)
    assert torch.equal(both[0], expected()) and torch.equal(both[1], expected("a red balloon"))


def test_float16_is_computed_in_bfloat16_as_released_and_its_weights_stay_as_stored(tmp_path: Path):
    encoder = load_text_encoder(write_text_encoder(tmp_path / "umt5.safetensors", torch.float16))
    state = {name: value.to(torch.bfloat16) for name, value in text_state(torch.float16).items()}
    assert torch.equal(encoded(encoder), expected(dtype=torch.bfloat16, state=state))
    assert encoder.dtype == torch.bfloat16
    assert {value.dtype for value in encoder.model.parameters()} == {torch.float16}


def scaled_fp8() -> tuple[State, State]:
    """As ComfyUI's scaled fp8 files, and the plain weights that they stand for."""
    stored, meant = text_state(torch.bfloat16), text_state(torch.bfloat16)
    for name in [name for name in stored if ".attn." in name or ".ffn." in name]:
        scale = text_state()[name].abs().max() / 448
        stored[name] = (text_state()[name] / scale).to(torch.float8_e4m3fn)
        stored[name.replace(".weight", ".scale_weight")] = scale.float()
        meant[name] = (stored[name].float() * scale).to(torch.bfloat16)
    return {**as_transformers(stored), "scaled_fp8": torch.empty(0, dtype=torch.float8_e4m3fn)}, meant


def test_scaled_fp8_gives_to_the_bit_what_its_dequantised_weights_give(tmp_path: Path):
    stored, meant = scaled_fp8()
    save_file(with_tokenizer(stored), tmp_path / "umt5_xxl_fp8_e4m3fn_scaled.safetensors")
    encoder = load_text_encoder(tmp_path / "umt5_xxl_fp8_e4m3fn_scaled.safetensors")
    assert encoder.dtype == torch.bfloat16
    assert encoder.model.get_parameter("blocks.0.attn.q.weight").dtype == torch.float8_e4m3fn
    assert torch.equal(encoded(encoder), expected(dtype=torch.bfloat16, state=meant))


def test_stored_weights_go_to_another_device_layer_by_layer(tmp_path: Path):
    stored, meant = scaled_fp8()
    save_file(with_tokenizer(stored), tmp_path / "umt5.safetensors")
    encoder = load_text_encoder(tmp_path / "umt5.safetensors")
    elsewhere = SilentHost(torch.device("cpu", 0))  # torch counts it as another device than "cpu"
    assert torch.equal(encode_prompt(encoder, PROMPT, elsewhere), expected(dtype=torch.bfloat16, state=meant))
    assert {value.device for value in encoder.model.parameters()} == {torch.device("cpu")}


def test_scaled_fp8_without_a_scale_is_an_error(tmp_path: Path):
    stored, _ = scaled_fp8()
    del stored["encoder.block.1.layer.1.DenseReluDense.wo.scale_weight"]
    save_file(with_tokenizer(stored), tmp_path / "umt5.safetensors")
    with pytest.raises(CheckpointError, match="1 8-bit weights have no scale"):
        load_text_encoder(tmp_path / "umt5.safetensors")


@pytest.mark.parametrize("kind", ["F32", "Q8_0"])
def test_gguf_gives_to_the_bit_what_its_dequantised_weights_give(kind: str, tmp_path: Path):
    gguf = pytest.importorskip("gguf")
    from gguf.quants import dequantize, quantize

    stored, meant = text_state(), text_state()
    packed = [name for name in stored if ".attn." in name or ".ffn." in name]
    for name in packed:
        sort = gguf.GGMLQuantizationType[kind]
        meant[name] = torch.from_numpy(dequantize(quantize(stored[name].numpy(), sort), sort))
    name_of = dict(zip(stored, as_llama_cpp(stored), strict=True))
    write_gguf(tmp_path / "umt5-xxl-encoder.gguf", as_llama_cpp(stored), {name_of[name]: kind for name in packed})
    (tmp_path / "spiece.model").write_bytes(tiny_sentencepiece())
    encoder = load_text_encoder(tmp_path / "umt5-xxl-encoder.gguf")
    dtype = torch.float32 if kind == "F32" else torch.bfloat16
    assert encoder.dtype == dtype
    assert torch.equal(encoded(encoder), expected(dtype=dtype, state={name: value.to(dtype) for name, value in meant.items()}))


def test_each_layer_is_reported_and_can_be_the_last(tmp_path: Path):
    encoder = load_text_encoder(write_text_encoder(tmp_path / "umt5.safetensors"))
    host = WatchingHost()
    encode_prompt(encoder, PROMPT, host)
    assert host.steps == [("read prompt", done, 2) for done in range(3)]
    host = WatchingHost(stop_at=2)
    with pytest.raises(KeyboardInterrupt):
        encode_prompt(encoder, PROMPT, host)
    assert host.steps[-1] == ("read prompt", 1, 2)


def test_a_layer_runs_with_copies_of_its_weights_where_they_are_on_another_device():
    layer, x = torch.nn.Linear(3, 2), torch.ones(1, 3)
    weight = layer.weight
    elsewhere = torch.device("cpu", 0)  # torch counts it as another device than "cpu"
    assert torch.equal(run_on(elsewhere, torch.float32, layer, x), layer(x)) and layer.weight is weight


def test_all_prompts_go_through_a_layer_that_is_copied_once():
    class Copies(TorchDispatchMode):
        count = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            self.count += "_to_copy" in str(func)
            return func(*args, **(kwargs or {}))

    layer, inputs = torch.nn.Linear(3, 2), [(torch.full((1, 3), float(each), dtype=torch.float64),) for each in range(3)]
    with Copies() as copies:
        results = run_each_on(torch.device("cpu"), torch.float64, layer, inputs)
    assert copies.count == 2 and all(
        torch.equal(one, layer.double()(*given)) for one, given in zip(results, inputs, strict=True)
    )


def test_the_network_is_what_the_file_says_whatever_its_sizes(tmp_path: Path):
    opened = open_umt5(write_text_encoder(tmp_path / "umt5.safetensors"))
    assert opened.config == TEXT and opened.spiece_model == tiny_sentencepiece()
    model, dtype = load_umt5(opened, "cpu", None)
    assert (model.config, dtype) == (TEXT, torch.float32)


def without(state: State, ending: str) -> State:
    return {name: value for name, value in state.items() if not name.endswith(ending)}


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (tiny_vae().state_dict(), r"is Wan 2\.1 VAE.*; a umT5 text encoder .* is needed here"),
        (picture_state(), r"is a CLIP image encoder; a umT5 text encoder"),
        ({"some.weight": torch.ones(2)}, r"no model that is known here .2 tensors such as 's.*; a umT5"),
        (
            without(as_transformers(text_state()), "block.1.layer.0.SelfAttention.relative_attention_bias.weight"),
            "is a T5 text",
        ),
        (without(as_transformers(text_state()), "block.0.layer.1.layer_norm.weight"), "1 tensors are missing: blocks.0.norm2"),
        (without(as_transformers(text_state()), "shared.weight"), r"token_embedding\.weight is missing"),
        ({**text_state(), "blocks.0.ffn.gate.0.weight": torch.ones(7, 64)}, "does not fit"),
        ({**text_state(), "blocks.0.attn.extra": torch.ones(7)}, "1 tensors are unexpected: blocks.0.attn.extra"),
        ({**text_state(), "blocks.0.pos_embedding.embedding.weight": torch.ones(32, 5)}, "cannot be"),
        ({**text_state(), "blocks.x.attn.q.weight": torch.ones(2)}, "unexpected: blocks.x.attn.q.weight"),
        ({**text_state(), "blocks.9999.attn.q.weight": torch.ones(2)}, "10000 layers. cannot be"),
    ],
)
def test_what_is_no_text_encoder_is_refused_by_its_name(state: State, message: str, tmp_path: Path):
    save_file({name: value.contiguous() for name, value in with_tokenizer(dict(state)).items()}, tmp_path / "file.safetensors")
    with pytest.raises(CheckpointError, match=message):
        load_text_encoder(tmp_path / "file.safetensors")


def test_a_diffusion_model_is_no_text_encoder(tmp_path: Path):
    (tmp_path / "dit.safetensors").write_bytes(tiny_dit_bytes())
    for load in (load_text_encoder, load_image_encoder):
        with pytest.raises(CheckpointError, match="is embedded demo model; a "):
            load(tmp_path / "dit.safetensors")


class Code:
    def __reduce__(self):
        return exec, ("raise SystemExit('code in a file was run')",)


@pytest.mark.parametrize("load", [load_text_encoder, load_image_encoder])
@pytest.mark.parametrize("content", ["nothing", "half", "code", "no model"])
def test_hostile_and_damaged_files_end_in_one_error(content: str, load: Callable[[Path], object], tmp_path: Path):
    path = write_text_encoder(tmp_path / "umt5.safetensors")
    whole = path.read_bytes()
    if content == "code":
        torch.save({"token_embedding.weight": Code()}, path)
    else:
        path.write_bytes({"nothing": b"", "half": whole[: len(whole) // 2], "no model": b"\x93NUMPY" * 50}[content])
    with pytest.raises(CheckpointError):
        load(path)


def test_a_damaged_file_beside_it_does_not_hide_the_text_encoder_of_a_folder(tmp_path: Path):
    (tmp_path / "broken.safetensors").write_bytes(b"broken file")
    write_text_encoder(tmp_path / "umt5.safetensors")
    assert torch.equal(encoded(load_text_encoder(tmp_path)), expected())


def test_a_folder_with_no_or_two_text_encoders_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointError, match="none among its files"):
        load_text_encoder(tmp_path)
    for name in ("a", "b"):
        write_text_encoder(tmp_path / f"{name}.safetensors")
    with pytest.raises(CheckpointError, match=r"2 of them \(a\.safetensors, b\.safetensors\); give the path of one"):
        load_text_encoder(tmp_path)


def picture(height: int = 40, width: int = 56) -> torch.Tensor:
    return torch.rand(height, width, 3, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("write", [picture_state, picture_as_transformers])
@pytest.mark.parametrize("ending", ["safetensors", "pth"])
def test_a_picture_is_encoded_to_the_bit_from_each_layout(write: Callable[[], State], ending: str, tmp_path: Path):
    path = tmp_path / f"clip.{ending}"
    state = {name: value.contiguous() for name, value in write().items()}
    torch.save(state, path) if ending == "pth" else save_file(state, path)
    encoder = load_image_encoder(path)
    tokens = encode_picture(encoder, picture(), HOST)
    assert encoder.model.config == PICTURE and tokens.shape == (5, 80)
    with torch.no_grad():
        assert torch.equal(tokens, picture_network()(prepare_picture(picture(), 28))[0])


def test_a_picture_in_half_precision_stays_near(tmp_path: Path):
    save_file({name: value.half() for name, value in picture_state().items()}, tmp_path / "clip.safetensors")
    with torch.no_grad():
        exact = picture_network()(prepare_picture(picture(), 28))[0]
    wide, half = (load_image_encoder(tmp_path / "clip.safetensors", dtype=dtype) for dtype in (None, torch.float16))
    assert (wide.dtype, half.dtype) == (torch.float32, torch.float16)
    for encoder, limit in ((wide, 0.005), (half, 0.02)):
        tokens = encode_picture(encoder, picture(), HOST)
        assert tokens.dtype == encoder.dtype
        assert float((tokens.float() - exact).abs().max()) < limit


def test_a_picture_is_prepared_whole_without_smoothing_cropping_or_rounding():
    flat = prepare_picture(torch.full((30, 50, 3), 0.25), 14)
    mean, deviation = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])
    assert torch.allclose(flat[0, :, 7, 7], (0.25 - mean) / deviation, atol=1e-6) and flat.shape == (1, 3, 14, 14)
    lines = torch.zeros(56, 56, 3)
    lines[2::4] = 1  # one line in four: a sample between lines 1 and 2 takes 0.59375 of the latter, smoothing would take 0.25
    assert torch.allclose(prepare_picture(lines, 14)[0, :, 7, 7], (0.59375 - mean) / deviation, atol=1e-6)


def test_each_layer_of_the_picture_is_reported_and_can_be_the_last(tmp_path: Path):
    save_file(picture_as_transformers(), tmp_path / "clip.safetensors")
    encoder = load_image_encoder(tmp_path / "clip.safetensors")
    host = WatchingHost()
    encode_picture(encoder, picture(), host)
    assert host.steps == [("read picture", done, 2) for done in range(3)]
    with pytest.raises(KeyboardInterrupt):
        encode_picture(encoder, picture(), WatchingHost(stop_at=2))


@pytest.mark.parametrize("shape", [(3, 40, 40), (40, 40, 4), (40, 40), (0, 40, 3)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...], tmp_path: Path):
    save_file(picture_as_transformers(), tmp_path / "clip.safetensors")
    encoder = load_image_encoder(tmp_path / "clip.safetensors")
    with pytest.raises(RequestError, match=r"floats from 0 to 1 \[height, width, 3\] are needed"):
        encode_picture(encoder, torch.zeros(shape), HOST)


def third_missing() -> State:
    return without(picture_as_transformers(), "layers.1.self_attn.k_proj.weight")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (text_state(), "is a umT5 text encoder; a CLIP ViT-H/14 image encoder .* is needed here"),
        (tiny_vae().state_dict(), r"is Wan 2\.1 VAE.*; a CLIP"),
        (third_missing(), "of query, key and value it has only"),
        (without(picture_state(), "transformer.1.norm1.bias"), "1 tensors are missing: transformer.1.norm1.bias"),
        ({**picture_state(), "visual.transformer.0.extra": torch.ones(1)}, "1 tensors are unexpected"),
        ({**picture_state(), "visual.pos_embedding": torch.ones(1, 7, 80)}, "not ViT-H/14"),
        ({**picture_state(), "visual.transformer.9999.norm1.bias": torch.ones(80)}, "10000 layers, not ViT-H/14"),
        ({**picture_state(), "visual.transformer.x.norm1.bias": torch.ones(80)}, "unexpected: transformer.x.norm1.bias"),
        ({**picture_state(), "visual.pos_embedding": torch.ones(1, 5, 80).to(torch.float8_e4m3fn)}, "stored as F8_E4M3"),
    ],
)
def test_what_is_no_image_encoder_is_refused_by_its_name(state: State, message: str, tmp_path: Path):
    save_file({name: value.contiguous() for name, value in state.items()}, tmp_path / "file.safetensors")
    with pytest.raises(CheckpointError, match=message):
        load_image_encoder(tmp_path / "file.safetensors")
