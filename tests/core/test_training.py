"""The parts of the training whose failure would not show in a loss."""

from pathlib import Path

import torch

from training.blur_start import start_as_blur
from training.common import Average, Run, set_rate
from training.export import DEMO_VAE, fold_statistics
from training.muon import Muon, orthogonalise
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
