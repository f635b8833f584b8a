"""The parts of the training whose failure would not show in a loss."""

import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from training.blur_start import start_as_blur
from training.common import Average, Run, Trainee, clock_of, finished_weights, set_rate
from training.copy_start import start_as_copy
from training.export import DEMO_DIT, DEMO_VAE, fold_statistics, part_of
from training.guided_cells import cells_of, fit, guided_cells_network
from training.metric import pixel_metric
from training.muon import Muon, orthogonalise
from training.quick_dit import quick_velocity
from training.scenes import KINDS, Scene, SceneKind, ScenePool, make_scene, scene_frames, snap, write_shard
from training.train_dit import WINDOWS, Window, choose_tracks, cut_window
from training.train_vae import frames_loss
from training.train_whole import CELL, Whole, make_sample, whole_loss
from wanmove_core.evaluation.motions import apply, compose, invert
from wanmove_core.evaluation.scenes import make_layers
from wanmove_core.models.dit import WanDiT
from wanmove_core.models.vae21 import WanVAE21


def small_vae() -> WanVAE21:
    torch.manual_seed(3)
    return WanVAE21(DEMO_VAE).eval().requires_grad_(False)


def clip() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(1, 3, 1, 2, 2, generator=generator) * 1.6 - 0.8
    return torch.nn.functional.interpolate(coarse, size=(5, 32, 32), mode="trilinear", align_corners=False)


def test_folding_the_statistics_changes_the_latents_and_not_the_frames() -> None:
    vae = small_vae()
    start_as_blur(vae)
    latent, frames = vae.encode(clip()), vae.decode(vae.encode(clip()))
    mean, deviation = torch.linspace(-1, 1, 16), torch.linspace(0.5, 2, 16)
    fold_statistics(vae, mean, deviation)
    shape = (1, 16, 1, 1, 1)
    assert torch.allclose(vae.encode(clip()), (latent - mean.view(shape)) / deviation.view(shape), atol=1e-4)
    assert torch.allclose(vae.decode(vae.encode(clip())), frames, atol=1e-4)


def test_an_untrained_vae_that_starts_as_a_blur_passes_smooth_pictures() -> None:
    vae = small_vae()
    start_as_blur(vae)
    inside = (slice(None), slice(None), slice(None), slice(8, 24), slice(8, 24))
    error = (vae.decode(vae.encode(clip())) - clip())[inside].abs().mean()
    assert error < 0.1 < clip()[inside].abs().mean()


def test_a_run_goes_on_where_it_was_saved(tmp_path: Path) -> None:
    run = Run(tmp_path, minutes=1)
    run.tick()
    run.elapsed = 12.0
    run.save(weights={"a": torch.ones(2)})
    again = Run(tmp_path, minutes=1)
    state = again.resume()
    assert state is not None and torch.equal(state["weights"]["a"], torch.ones(2))
    assert (again.step, again.elapsed) == (1, 12.0)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_run_on_a_cpu_counts_its_own_time_and_not_that_of_others(tmp_path: Path) -> None:
    run = Run(tmp_path, minutes=1, clock=clock_of(torch.device("cpu")))
    run.start_clock()
    time.sleep(0.2)
    run.tick()
    assert run.elapsed < 0.1


def test_the_rate_warms_up_stays_and_falls() -> None:
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    rates = [round(set_rate([optimiser], used, step), 3) for used, step in ((0.0, 25), (0.3, 500), (0.7, 900), (1.0, 999))]
    assert rates == [0.5, 1.0, 0.51, 0.02]


def test_muon_steps_are_nearly_orthogonal() -> None:
    values = torch.linalg.svdvals(orthogonalise(torch.randn(12, 40, generator=torch.Generator().manual_seed(0))))
    assert float(values.min()) > 0.6 and float(values.max()) < 1.3
    weight = torch.nn.Parameter(torch.zeros(12, 4, 3, 3))
    weight.grad = torch.randn(12, 4, 3, 3, generator=torch.Generator().manual_seed(0))
    Muon([weight], lr=0.1).step()
    assert 0.06 < float(torch.linalg.matrix_norm(weight.detach().reshape(12, -1), 2)) < 0.13


def test_the_average_moves_towards_the_weights() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    average = Average(network, decay=0.9)
    torch.nn.init.ones_(network.weight)
    average.update(network, step=1000)
    assert torch.allclose(average.weights["weight"], torch.tensor([[0.1]]))


def test_a_trainee_goes_on_as_if_it_had_not_stopped() -> None:
    def learn(trainee: Trainee, steps: range) -> None:
        for step in steps:
            generator = torch.Generator().manual_seed(step)
            trainee.learn(trainee.network(torch.randn(4, 3, generator=generator)).square().mean(), 0.0, step)

    def fresh() -> Trainee:
        torch.manual_seed(0)
        return Trainee(torch.nn.Linear(3, 5), rate=0.02, decay=0.9)

    whole, first, second = fresh(), fresh(), fresh()
    learn(whole, range(1, 7))
    learn(first, range(1, 4))
    second.restore(first.state())
    learn(second, range(4, 7))
    assert torch.equal(whole.network.get_parameter("weight"), second.network.get_parameter("weight"))
    assert torch.equal(whole.average.weights["bias"], second.average.weights["bias"])


def test_weights_come_from_a_run_or_from_a_file(tmp_path: Path) -> None:
    assert finished_weights(tmp_path) is None
    Run(tmp_path, minutes=1).save(average={"a": torch.ones(2)})
    save_file({"a": torch.full((2,), 0.5).half()}, tmp_path / "shipped.safetensors")
    of_run, of_file = finished_weights(tmp_path), finished_weights(tmp_path / "shipped.safetensors")
    assert of_run is not None and of_run["a"].tolist() == [1, 1]
    assert of_file is not None and of_file["a"].dtype == torch.float32 and of_file["a"].tolist() == [0.5, 0.5]


def condition_of(frames: int) -> torch.Tensor:
    """Random features behind the mask of a start image."""
    condition = torch.randn(2, 20, frames, 4, 6) * 0.8
    condition[:, :4] = 0
    condition[:, :4, 0] = 1
    return condition


def denoised(dit: WanDiT, condition: torch.Tensor) -> torch.Tensor:
    """What the network takes the clip for, at two noise levels at once."""
    noisy, sigma = torch.randn(2, *condition.shape[1:])[:, 4:], torch.tensor([1.0, 0.4])
    text = torch.zeros(2, DEMO_DIT.text_length, DEMO_DIT.text_dim)
    velocity = dit(torch.cat([noisy, condition], dim=1), 1000 * sigma, text)
    return noisy - sigma.view(-1, 1, 1, 1, 1) * velocity


def test_an_untrained_transformer_that_starts_as_a_copy_gives_the_condition_back() -> None:
    torch.manual_seed(0)
    dit = WanDiT(DEMO_DIT).requires_grad_(False)
    start_as_copy(dit)
    condition = condition_of(3)
    assert (denoised(dit, condition) - condition[:, 4:]).square().mean() < 0.01


def copy_of_what_is_not_3() -> WanDiT:
    """A start to which 3 in a cell's first channel stands for grey."""
    dit, told = WanDiT(DEMO_DIT).requires_grad_(False), guided_cells_network().requires_grad_(False)
    for parameter in told.parameters():
        parameter.zero_()
    wide, narrow = told[0], told[2]
    assert isinstance(wide, torch.nn.Linear) and isinstance(narrow, torch.nn.Linear)
    wide.weight[0, 0], wide.bias[0], narrow.weight[0, 0] = 4.0, -8.0, 0.25
    start_as_copy(dit, told)
    return dit


def test_a_hole_in_a_guided_frame_gets_the_mean_of_what_is_around() -> None:
    torch.manual_seed(0)
    dit, condition = copy_of_what_is_not_3(), condition_of(3)
    moved = 0.7 * torch.tensor([1.0, -1.0]).repeat(8).view(1, 16, 1, 1, 1)  # while frame 0 shows something else
    condition[:, 4:, 1:] = moved
    condition[:, 4, 1:, 0:2, 2:4] = 3.0
    made = denoised(dit, condition)
    assert (made[:, :, 1:] - moved).square().mean() < 0.02
    assert (made[:, :, 0] - condition[:, 4:, 0]).square().mean() < 0.02


def test_where_most_of_a_frame_is_not_guided_the_copy_shows_frame_0_there() -> None:
    torch.manual_seed(0)
    dit, condition = copy_of_what_is_not_3(), condition_of(9)
    condition[:, 4].clamp_(max=1)
    grey = torch.rand(2, 9, 4, 6) < 0.8
    grey[:, 0] = False
    condition[:, 4][grey] = 3.0
    first = condition[:, 4:, :1].expand(-1, -1, 9, -1, -1)
    wanted = torch.where(grey.unsqueeze(1), first, condition[:, 4:])
    assert (denoised(dit, condition) - wanted).square().mean() < 0.03


def test_guided_cells_are_told_from_grey_ones() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(4)
    samples = [cells_of(scene(), rng) for _ in range(4)]
    inputs, answers = torch.cat([row[0] for row in samples]), torch.cat([row[1] for row in samples])
    assert inputs.shape == (2000, 32) and set(answers.tolist()) == {0.0, 1.0}
    assert torch.equal(answers.bool(), (inputs[:, :16] == 0).all(dim=1))
    inputs[:, :16] += 2 * answers.unsqueeze(1)
    network = fit(guided_cells_network(), inputs, answers, 60)
    assert ((network(inputs)[:, 0] > 0.5) == answers.bool()).float().mean() > 0.98


def test_the_quick_transformer_is_the_same_one() -> None:
    torch.manual_seed(0)
    dit = WanDiT(DEMO_DIT).requires_grad_(False)
    x, timestep = torch.randn(2, 36, 3, 4, 6), torch.tensor([1000.0, 400.0])
    exact = dit(x, timestep, torch.zeros(2, DEMO_DIT.text_length, DEMO_DIT.text_dim))
    with torch.compiler.set_stance("force_eager"):
        quick = quick_velocity(dit, x, timestep)
    assert (quick - exact).abs().max() < 0.05 * exact.std()


def test_the_metric_weighs_what_the_decoder_shows() -> None:
    vae = small_vae()
    start_as_blur(vae)
    metric = pixel_metric(vae, [vae.encode(clip())[0]])
    assert metric.trace() == pytest.approx(16, rel=1e-4)
    assert metric.diag()[:3].sum() > 0.9 * 16, "brightness of red, green and blue"


@pytest.mark.parametrize("seed", range(6))
def test_snapped_layers_have_moved_by_whole_cells_where_guidance_reads(seed: int) -> None:
    for layer in make_layers(np.random.default_rng(seed), 17, 128, 128, ()):
        snapped = snap(layer, 128, 128)
        off = snapped.motion[..., 2] - layer.motion[..., 2]
        assert np.abs(off).max() <= 4.0 + 1e-6
        assert np.array_equal(snapped.motion[..., :2], layer.motion[..., :2])
        ways = [apply(compose(row.motion, invert(row.motion[0])), np.zeros((1, 2)))[::4, 0] for row in (layer, snapped)]
        turns = np.abs(layer.motion[..., :2] - layer.motion[:1, :, :2]).max() > 1e-9
        if not turns:
            assert np.abs(ways[1] / 8 - np.round(ways[1] / 8)).max() < 1e-6
            assert np.abs(ways[1] - ways[0]).max() <= 4 + 1e-6


def scene(moves: bool = True) -> Scene:
    """17 frames of 16 x 16 cells, the right half moves."""
    row, column = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    cells = torch.stack([row.flatten(), column.flatten()], dim=-1).to(torch.int16).expand(5, -1, -1).clone()
    layer = (column.flatten() >= 8).int()
    latent = torch.randn(16, 5, 16, 16, generator=torch.Generator().manual_seed(0)).half()
    still = torch.zeros_like(latent)
    still[:, 0] = latent[:, 0]
    return Scene(latent, still, cells, layer, (layer == 1) & moves)


def test_whatever_moves_is_told_at_least_one_track_unless_none_is_told() -> None:
    rng = np.random.default_rng(0)
    counts = [int(choose_tracks(scene(), rng)[scene().moves].sum()) for _ in range(200)]
    assert 0 < counts.count(0) < 50
    assert counts.count(128) > 80


def test_without_tracks_the_target_stands_still() -> None:
    rng, seen = np.random.default_rng(0), set()
    for _ in range(60):
        latent, condition = cut_window(scene(), WINDOWS[0][0], rng)
        guided = bool((condition[4:, 1:] != 0).any())
        still = bool((latent == latent[:, :1]).all())
        assert guided != still
        seen.add(still)
    assert seen == {False, True}


def test_the_pool_takes_up_new_shards_and_forgets_old_ones(tmp_path: Path) -> None:
    pool = ScenePool(tmp_path, keep=2)
    assert pool.kinds == []
    for number in range(3):
        write_shard(tmp_path / f"{number:05d}.pt", [[scene(moves=number == 2)] for _ in KINDS])
        assert pool.refresh() == min(2, number + 1)
    assert [bool(row.moves.any()) for row in pool.kinds[0]] == [False, True]


def test_the_last_stage_compares_a_crop_with_its_own_frames() -> None:
    kind = SceneKind(1, 17, 128, 128)
    frames = scene_frames(make_scene(5, kind, ()), 5, kind)
    sample = make_sample(scene(), frames, Window(5, 16, 16, 1, 1.0), 6, np.random.default_rng(1))
    y, x, side = sample.crop
    assert sample.frames.shape == (3, 17, side * CELL, side * CELL)
    assert torch.equal(sample.frames[:, 0], frames[:, 0, CELL * y : CELL * (y + side), CELL * x : CELL * (x + side)])


@pytest.mark.parametrize("second", [False, True])
def test_the_last_stage_teaches_transformer_and_decoder(second: bool) -> None:
    torch.manual_seed(0)
    whole = Whole(WanDiT(DEMO_DIT), WanVAE21(DEMO_VAE))
    start_as_copy(whole.dit)
    start_as_blur(whole.vae)
    kind = SceneKind(1, 17, 128, 128)
    frames = scene_frames(make_scene(5, kind, ()), 5, kind)
    sample = make_sample(scene(), frames, Window(5, 16, 16, 1, 1.0), 4, np.random.default_rng(1))
    with torch.compiler.set_stance("force_eager"):
        whole_loss(whole, sample, plain=False, second=second)[0].backward()
    for name in ("dit.blocks.0.ffn.2.weight", "vae.conv2.weight"):
        gradient = whole.get_parameter(name).grad
        assert gradient is not None and float(gradient.abs().sum()) > 0


def test_a_whole_run_falls_apart_into_its_networks() -> None:
    whole = Whole(WanDiT(DEMO_DIT), WanVAE21(DEMO_VAE)).state_dict()
    WanDiT(DEMO_DIT).load_state_dict(part_of(whole, "dit."))
    WanVAE21(DEMO_VAE).load_state_dict(part_of(whole, "vae."))


def test_the_loss_of_equal_frames_is_nothing() -> None:
    loss, error = frames_loss(clip(), clip())
    assert float(loss) == float(error) == 0.0
    assert float(frames_loss(clip() + 0.1, clip())[1]) == pytest.approx(0.01, rel=1e-3)
