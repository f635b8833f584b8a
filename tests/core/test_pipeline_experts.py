"""Two noise experts and the switchable LoRA: who runs when, with which scale, and where the weights lie."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.core.tiny_pipeline import CONFIG, WatchingHost, make_models, make_request, run, sampling
from wanmove_core.errors import RequestError
from wanmove_core.guidance.condition import Condition
from wanmove_core.models.dit import WanDiT
from wanmove_core.pipeline import Models, Prompt, Sampling, encode_pictures, make_condition, sample
from wanmove_core.residency.one_on_device import OneOnDevice
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.sampling.solvers import SOLVERS
from wanmove_core.variants import I2V_A14B, T2V_A14B

PROMPT = Prompt(torch.ones(2, 8), torch.full((1, 8), 0.5))


def make_pair(**changes: object) -> Models:
    torch.manual_seed(4)
    return replace(make_models(I2V_A14B), low_noise=WanDiT(CONFIG).eval(), **changes)  # type: ignore[arg-type]


@contextmanager
def recorded(models: Models) -> Iterator[list[tuple[str, float]]]:
    """Which expert ran at which timestep."""
    seen: list[tuple[str, float]] = []
    networks = {"high": models.dit, "low": models.low_noise}
    hooks = [
        network.register_forward_pre_hook(lambda module, given, name=name: seen.append((name, round(float(given[1])))))
        for name, network in networks.items()
        if network is not None
    ]
    yield seen
    for hook in hooks:
        hook.remove()


@pytest.mark.parametrize(
    ("plan", "boundary", "expected"),
    [
        (Sampling(4, 5.0, solver="euler"), 0.9, [("high", 1000), ("high", 938), ("low", 833), ("low", 625)]),
        (
            Sampling(2, 1.0, solver="dpm++"),
            0.5,
            [("high", 1000), ("high", 500)],
        ),  # at the boundary itself it is still the high one
        (Sampling(2, 1.0, solver="unipc"), 0.5, [("high", 999), ("low", 499)]),
        (Sampling(2, 1.0, solver="unipc"), 1.0, [("low", 999), ("low", 499)]),
    ],
)
def test_the_high_noise_expert_runs_down_to_the_boundary(
    plan: Sampling, boundary: float, expected: list[tuple[str, int]]
) -> None:
    models = make_pair()
    models = replace(models, variant=replace(I2V_A14B, boundary=boundary))
    with recorded(models) as seen:
        run(models, make_request(prompt=PROMPT, sampling=replace(plan, scale=GuidanceScale(1.0))))
    assert seen == expected


def test_each_expert_has_its_own_guidance_scale() -> None:
    models = make_pair()
    plan = sampling(steps=4, shift=5.0, solver="euler", scale=GuidanceScale(1.0), scale_high=GuidanceScale(3.0))
    with recorded(models) as seen:
        run(models, make_request(prompt=PROMPT, sampling=plan))
    assert [name for name, _ in seen] == ["high"] * 4 + ["low"] * 2  # two passes a step, then one


@torch.no_grad()
def test_two_experts_give_what_the_released_loop_gives() -> None:
    """Wan2.2 ``image2video.py``, written out: the model and the scale by ``t >= boundary``, one solver for both."""
    models, plan = make_pair(), Sampling(6, 5.0, solver="unipc", scale=GuidanceScale(3.5), scale_high=GuidanceScale(2.5))
    request, host = make_request(prompt=PROMPT, sampling=plan), WatchingHost()
    still = encode_pictures(models, request, host)
    assert still is not None and models.low_noise is not None
    condition: Condition = make_condition(models.variant, still, request)
    low_noise, text = models.low_noise, [torch.zeros(1, 3, 8), torch.zeros(1, 3, 8)]
    text[0][0, :2], text[1][0, :1] = PROMPT.text, PROMPT.negative  # type: ignore[call-overload]

    def velocity(latent: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        high = timestep >= 0.9 * 1000
        network, scale = (models.dit, 2.5) if high else (low_noise, 3.5)
        x = torch.cat([latent, condition.edited]).unsqueeze(0)
        towards, away = (network(x, timestep.reshape(1), each)[0] for each in text)
        return away + scale * (towards - away)

    noise = torch.randn(16, 3, 4, 6, generator=torch.Generator().manual_seed(plan.seed))
    expected = SOLVERS["unipc"].solve(velocity, noise, SOLVERS["unipc"].schedule(6, 5.0))
    assert torch.equal(sample(models, condition, request, host), expected)


def test_each_expert_is_brought_once_and_none_is_left_on_the_device() -> None:
    models = make_pair()
    brought: list[str] = []
    names = {id(models.dit): "high", id(models.low_noise): "low", id(None): "none"}
    mover = OneOnDevice([models.dit, models.low_noise or models.dit], "cpu")

    def bring(network: WanDiT | None) -> None:
        if not brought or brought[-1] != names[id(network)]:
            brought.append(names[id(network)])
        mover(network)

    plain = run(models, make_request(prompt=PROMPT, sampling=sampling(steps=8, shift=5.0)))
    moved = run(replace(models, bring=bring), make_request(prompt=PROMPT, sampling=sampling(steps=8, shift=5.0)))
    assert np.array_equal(moved, plain)
    assert brought == ["high", "low", "none"] and mover.moves == 2


def test_a_stopped_generation_leaves_no_expert_on_the_device() -> None:
    class Stopping(WatchingHost):
        def progress(self, stage: str, step: int, total: int) -> None:
            if (stage, step) == ("sample", 1):
                raise KeyboardInterrupt

    brought: list[object] = []
    models = make_pair(bring=brought.append)
    with pytest.raises(KeyboardInterrupt):
        run(models, make_request(prompt=PROMPT), Stopping())
    assert brought == [models.dit, None]


def test_moving_gives_the_weights_back_as_they_were() -> None:
    first, second = torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
    first.register_buffer("extra", torch.ones(2))
    home = [tensor.data_ptr() for tensor in (first.weight, first.extra, second.weight)]  # type: ignore[union-attr]
    mover = OneOnDevice([first, second], "cpu")
    for network in (first, first, second, None, None, first, None):
        mover(network)
    assert [tensor.data_ptr() for tensor in (first.weight, first.extra, second.weight)] == home  # type: ignore[union-attr]
    assert mover.moves == 3
    with pytest.raises(ValueError, match="none of those"):
        mover(torch.nn.Linear(1, 1))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_one_network_at_a_time_lies_on_a_cuda_device() -> None:
    networks = [torch.nn.Linear(512, 512), torch.nn.Linear(512, 512)]
    before, mover = torch.cuda.memory_allocated(), OneOnDevice(networks, "cuda")
    used = []
    for network in (*networks, None):
        mover(network)
        used.append(torch.cuda.memory_allocated() - before)
        places = [each.weight.device.type for each in networks]
        assert places == ["cuda" if each is network else "cpu" for each in networks]
    assert used[0] == used[1] > 512 * 512 * 4 and used[2] == 0


@pytest.mark.parametrize(
    ("models", "words"),
    [
        (make_models(T2V_A14B), "Tracks cannot guide Wan 2.2 T2V-A14B"),
        (make_models(I2V_A14B), "has two networks, and only one is given"),
        (
            replace(make_models(), low_noise=make_models().dit),
            "embedded demo model, which has one network, and a second one is",
        ),
    ],
)
def test_one_expert_too_few_or_too_many_is_refused(models: Models, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        run(models, make_request(prompt=PROMPT))


def test_hybrid_runs_first_without_the_lora_and_with_text_guidance_then_with_it_and_without() -> None:
    states: list[bool] = []
    models = replace(make_models(), set_distilled=states.append)
    calls: list[bool] = []
    hook = models.dit.register_forward_pre_hook(lambda module, given: calls.append(states[-1]))
    plan = sampling(steps=5, shift=5.0, solver="euler", scale=GuidanceScale(4.0), undistilled=2)
    run(models, make_request(prompt=PROMPT, sampling=plan))
    hook.remove()
    assert calls == [False] * 4 + [True] * 3  # two passes in each of the first two steps, one in each of the others
    assert states[-1] is True


def test_hybrid_of_two_experts_takes_each_its_scale_until_the_lora_comes() -> None:
    models = make_pair(set_distilled=lambda on: None)
    plan = Sampling(8, 5.0, 0, "euler", GuidanceScale(1.0), GuidanceScale(3.0), undistilled=2)
    with recorded(models) as seen:
        run(models, make_request(prompt=PROMPT, sampling=plan))
    assert [name for name, _ in seen] == ["high", "high"] * 2 + ["high"] + ["low"] * 5


def test_hybrid_without_a_lora_that_can_be_switched_is_refused() -> None:
    with pytest.raises(RequestError, match="2 steps are to run without the step-distilled LoRA, and none is loaded"):
        run(make_models(), make_request(sampling=sampling(undistilled=2)))
    with pytest.raises(RequestError, match="4 steps are to run without the distilled LoRA; give 0 to 3"):
        sampling(undistilled=4)
