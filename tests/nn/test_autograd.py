"""What else of PyTorch must work: transforms of functions, double backward, autocast, sharing, hooks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, jacrev, jvp, stack_module_state, vmap
from torch.nn.utils import prune

import gatewise as gw
from tests.tolerances import assert_close

I, H, T, B = 2, 3, 4, 2
MODULES: dict[str, Any] = {
    "LSTM": lambda **k: gw.nn.LSTM(I, H, **k),
    "LSTM-proj": lambda **k: gw.nn.LSTM(I, H, proj_size=2, bidirectional=True, **k),
    "GRU": lambda **k: gw.nn.GRU(I, H, 2, **k),
    "RNN": lambda **k: gw.nn.RNN(I, H, bidirectional=True, **k),
    "slstm": lambda **k: gw.nn.Recurrent("slstm", I, H, **k),
    "gru_v3+norm": lambda **k: gw.nn.Recurrent(gw.cells.layer_norm(gw.cells.gru_v3), I, H, **k),
    "checkpointed": lambda **k: gw.nn.LSTM(I, H, memory=2, **k),
}


def made(name: str, dtype: torch.dtype = torch.float64) -> nn.Module:
    torch.manual_seed(0)
    return MODULES[name](dtype=dtype)


def x_of(*shape: int) -> Tensor:
    g = torch.Generator().manual_seed(1)
    return torch.randn(*shape, dtype=torch.float64, generator=g)


def loss(module: nn.Module, parameters: dict[str, Tensor], x: Tensor) -> Tensor:
    output, states = functional_call(module, parameters, (x,))
    return output.sin().sum() + (states[0] * 2).sum()


@pytest.mark.parametrize("name", MODULES)
def test_gradients_of_gradients(name: str) -> None:
    module = made(name)
    x = x_of(T, B, I).requires_grad_()
    parameters = tuple(module.parameters())
    names = [n for n, _ in module.named_parameters()]

    def run(x: Tensor, *values: Tensor) -> Any:
        output, states = functional_call(module, dict(zip(names, values, strict=True)), (x,))
        return (output, *(states if isinstance(states, tuple) else (states,)))

    assert torch.autograd.gradcheck(run, (x, *parameters), fast_mode=True)
    assert torch.autograd.gradgradcheck(run, (x, *parameters), fast_mode=True)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # by torch's own jvp
@pytest.mark.parametrize("name", MODULES)
def test_transforms_of_functions(name: str) -> None:
    module = made(name)
    parameters = {n: p.detach() for n, p in module.named_parameters()}
    xs = x_of(5, T, B, I)
    ones = [loss(module, parameters, x) for x in xs]
    assert_close(
        vmap(lambda x: loss(module, parameters, x))(xs), torch.stack(ones), "float64", "forward"
    )
    per_sample = vmap(grad(lambda p, x: loss(module, p, x)), (None, 0))(parameters, xs)
    for k, x in enumerate(xs):
        module.zero_grad()
        loss(module, dict(module.named_parameters()), x).backward()
        for n, p in module.named_parameters():
            assert_close(per_sample[n][k], p.grad, "float64", "gradient", name=n)
    jacobian = jacrev(lambda x: functional_call(module, parameters, (x,))[0])(xs[0])
    expected = torch.autograd.functional.jacobian(
        lambda x: functional_call(module, parameters, (x,))[0], xs[0]
    )
    assert_close(jacobian, expected, "float64", "gradient")
    _, tangent = jvp(lambda x: functional_call(module, parameters, (x,))[0], (xs[0],), (xs[1],))
    assert_close(tangent, (expected * xs[1]).sum((-1, -2, -3)), "float64", "gradient")


def test_an_ensemble_by_vmap_over_the_weights() -> None:
    modules = [gw.nn.LSTM(I, H, 2, dtype=torch.float64) for _ in range(3)]
    parameters, buffers = stack_module_state(modules)
    x = x_of(T, B, I)
    run = vmap(lambda p, b: functional_call(modules[0], (p, b), (x,))[0])
    expected = torch.stack([m(x)[0] for m in modules])
    assert_close(run(parameters, buffers), expected, "float64", "forward")


def test_vmap_draws_masks_as_it_is_told() -> None:
    module = gw.nn.LSTM(I, H, zoneout=0.5, dtype=torch.float64)
    x = x_of(1, T, B, I).expand(3, -1, -1, -1)
    same = vmap(lambda x: module(x)[0], randomness="same")(x)
    assert torch.equal(same[0], same[1])
    different = vmap(lambda x: module(x)[0], randomness="different")(x)
    assert not torch.equal(different[0], different[1])
    with pytest.raises(RuntimeError, match="randomness"):
        vmap(lambda x: module(x)[0])(x)


@pytest.mark.parametrize(
    ("name", "dtype"),  # PyTorch's LSTM has no float16 autocast on every CPU
    [
        ("LSTM", torch.bfloat16),
        ("GRU", torch.bfloat16),
        ("RNN", torch.bfloat16),
        ("GRU", torch.float16),
    ],
)
def test_autocast_gives_the_types_that_pytorch_gives(name: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    theirs = getattr(nn, name)(8, 8)
    ours = getattr(gw.nn, name)(8, 8)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(6, 3, 8)
    with torch.autocast("cpu", dtype=dtype):
        result = ours(x)
        try:
            expected = theirs(x)
        except RuntimeError as error:  # oneDNN on a processor without instructions for the type
            pytest.skip(f"PyTorch's own layer cannot run here: {error}")
    assert result[0].dtype == expected[0].dtype
    states = result[1] if name == "LSTM" else (result[1],)
    states_ = expected[1] if name == "LSTM" else (expected[1],)
    assert [s.dtype for s in states] == [s.dtype for s in states_]
    assert (result[0].float() - theirs(x)[0]).abs().max() < 0.02
    result[0].float().sum().backward()
    assert ours.weight_hh_l0.grad is not None and ours.weight_hh_l0.grad.dtype == torch.float32
    with torch.autocast("cpu", dtype=dtype):
        wide = gw.nn.Recurrent("peephole_lstm", 8, 8)(x.to(dtype), lengths=[6, 2, 0])[0]
    assert wide.dtype == dtype


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_modules(dtype: torch.dtype) -> None:
    module = gw.nn.LSTM(8, 8, 2, dtype=dtype, zoneout=0.1, input_dropout=0.1, dropout=0.1)
    output, (h, c) = module(torch.randn(6, 3, 8, dtype=dtype), reset=torch.rand(6, 3) < 0.2)
    assert output.dtype == h.dtype == c.dtype == dtype
    output.float().sum().backward()
    assert all(p.grad is not None and p.grad.dtype == dtype for p in module.parameters())


def test_parametrized_and_normed_weights() -> None:
    module = gw.nn.LSTM(I, H, 2, dtype=torch.float64)
    x = x_of(T, B, I)
    plain = module(x)[0]
    nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")
    nn.utils.parametrizations.orthogonal(module, "weight_hh_l1")
    normed = module(x)[0]
    assert not torch.equal(normed, plain)
    u = module.equation_parameters(1)["U.i"]
    assert torch.equal(u, module.weight_hh_l1[:H])
    normed.sum().backward()
    assert module.parametrizations.weight_hh_l0.original0.grad is not None
    nn.utils.parametrize.remove_parametrizations(module, "weight_hh_l1")
    assert_close(module(x)[0], normed, "float64", "forward")

    class Doubled(nn.Module):
        def forward(self, w: Tensor) -> Tensor:
            return 2 * w

    other = gw.nn.Recurrent("mgu", I, H, dtype=torch.float64)
    before = other(x)[0]
    nn.utils.parametrize.register_parametrization(other, "U_l0", Doubled())
    assert not torch.equal(other(x)[0], before)


def test_pruned_weights() -> None:
    module = gw.nn.LSTM(I, H)
    prune.l1_unstructured(module, "weight_hh_l0", amount=0.5)
    module(torch.randn(T, B, I))[0].sum().backward()
    grad_ = module.weight_hh_l0_orig.grad
    assert grad_ is not None and not grad_[module.weight_hh_l0_mask == 0].any()
    prune.remove(module, "weight_hh_l0")
    assert (module.weight_hh_l0 == 0).sum() == module.weight_hh_l0.numel() // 2


def test_shared_weights_collect_both_gradients() -> None:
    a = gw.nn.LSTM(I, H, bidirectional=True, dtype=torch.float64)
    a.weight_ih_l0_reverse = a.weight_ih_l0
    b = gw.nn.GRU(I, H)
    c = gw.nn.LSTM(I, H, dtype=torch.float64)
    c.weight_hh_l0 = a.weight_hh_l0
    x = x_of(T, B, I)
    (a(x)[0].sum() + c(x)[0].sum()).backward()
    shared = a.weight_hh_l0.grad.clone()
    for module in (a, c):
        module.zero_grad()
    a(x)[0].sum().backward()
    alone = a.weight_hh_l0.grad.clone()
    a.zero_grad()
    c(x)[0].sum().backward()
    assert_close(shared, alone + c.weight_hh_l0.grad, "float64", "gradient")
    assert len(list(a.parameters())) == 7 and len(list(b.parameters())) == 4


def test_frozen_weights_stay_and_let_gradients_through() -> None:
    module = gw.nn.LSTM(I, H, 2, dtype=torch.float64)
    module.weight_hh_l0.requires_grad_(False)
    module.bias_ih_l1.requires_grad_(False)
    x = x_of(T, B, I).requires_grad_()
    module(x)[0].sum().backward()
    assert module.weight_hh_l0.grad is None and module.bias_ih_l1.grad is None
    assert x.grad is not None and module.weight_ih_l0.grad is not None
    for p in module.parameters():
        p.requires_grad_(False)
    assert not module(x.detach())[0].requires_grad


@pytest.mark.parametrize("grad", [True, False])
def test_every_way_of_changing_weights_is_seen(grad: bool) -> None:
    """In inference too, where the compiled kernels keep weights packed from call to call."""
    module, plain = gw.nn.LSTM(I, H), gw.nn.LSTM(I, H, backend="eager")
    x = torch.randn(T, B, I)
    with torch.no_grad():
        seen = [module(x)[0]]

    def changed() -> bool:
        with torch.set_grad_enabled(grad):
            seen.append(module(x)[0].detach())
        plain.load_state_dict(module.state_dict())
        assert_close(seen[-1], plain(x)[0], "float32", "forward")
        return not torch.equal(seen[-1], seen[-2])

    module.weight_hh_l0.data += 1
    assert changed()
    array: np.ndarray = module.weight_ih_l0.detach().numpy()
    array *= 2
    assert changed()
    module.load_state_dict(nn.LSTM(I, H).state_dict())
    assert changed()
    with torch.no_grad():
        module.bias_hh_l0[-1] += 0.5
    assert changed()
    for fused in (True, False):
        optimizer = torch.optim.Adam(module.parameters(), 0.1, fused=fused, foreach=False)
        module(x)[0].sum().backward()
        optimizer.step()
        assert changed()
    module.weight_hh_l0 = nn.Parameter(torch.ones_like(module.weight_hh_l0))
    assert changed()
    with torch.no_grad():
        module.equation_parameters()["b.f"].fill_(9.0)
    assert changed()
    module.bias_ih_l0.data = torch.zeros(4 * H)
    assert changed()


def test_hooks_clipping_and_evaluation_mode() -> None:
    module = gw.nn.GRU(I, H, 2).eval()
    calls: list[str] = []
    module.register_forward_pre_hook(lambda *_: calls.append("before"))
    module.register_forward_hook(lambda *_: calls.append("after"))
    module.register_full_backward_hook(lambda *_: calls.append("backward"))
    x = torch.randn(T, B, I, requires_grad=True)
    module(x)[0].sum().backward()
    assert calls == ["before", "after", "backward"] and x.grad is not None
    norm = nn.utils.clip_grad_norm_(module.parameters(), 1e-3)
    assert float(norm) > 1e-3
    total = torch.stack([p.grad.norm() for p in module.parameters()]).norm()
    assert float(total) == pytest.approx(1e-3, rel=1e-3)


def test_meta_device_and_moves() -> None:
    module = gw.nn.LSTM(I, H, 2, device="meta", highway=True, learned_initial_state=True)
    assert all(p.is_meta for p in module.parameters())
    module.to_empty(device="cpu").reset_parameters()
    assert all(p.isfinite().all() for p in module.parameters())
    assert module.double()(x_of(T, B, I))[0].dtype == torch.float64
    assert gw.nn.Recurrent("lstm", I, H, device="meta").W_l0.is_meta


def test_inference_mode_meta_tensors_and_odd_strides() -> None:
    module = gw.nn.LSTM(I, H, 2, bidirectional=True, dtype=torch.float64)
    x = x_of(T, B, I)
    expected = module(x)[0]
    with torch.inference_mode():
        assert_close(module(x)[0], expected, "float64", "forward")
    module(x)[0].sum().backward()  # nothing of inference mode is left behind
    wide = torch.zeros(B, 2 * I, T, dtype=torch.float64)
    wide[:, ::2] = x.permute(1, 2, 0)
    odd = wide[:, ::2].permute(2, 0, 1)
    assert odd.stride(-1) != 1
    assert_close(module(odd)[0], expected, "float64", "forward")
    spread = x[:, :1].expand(T, B, I)
    assert_close(module(spread)[0][:, 1], module(x[:, :1])[0][:, 0], "float64", "forward")
    output, (h, _) = module.to("meta")(x.to("meta"))
    assert output.is_meta and output.shape == expected.shape and h.shape == (4, B, H)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")
def test_forward_mode_derivatives_outside_of_transforms() -> None:
    module = made("GRU")
    x, v = x_of(T, B, I), x_of(2, T, B, I)[1]
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, v)
        _, tangent = torch.autograd.forward_ad.unpack_dual(module(dual)[0])
    step = 1e-6
    difference = (module(x + step * v)[0] - module(x - step * v)[0]) / (2 * step)
    assert (tangent - difference).abs().max() < 1e-8
