"""Long expressive memory: two states, each with time steps of its own."""

from gatewise.lang import cell, sigmoid, tanh


@cell(sizes={"z": "H"})
def lem(x, /, y, z, *, W, V, b, dt=1.0):
    """Long expressive memory (LEM): a system of equations with many time scales, taken in learned steps.

    Rusch, Mishra, Erichson & Mahoney (2022), Long expressive memory for sequence modeling,
    arXiv:2110.04744, equation 3. The output is y.

    Option dt, the longest time step.
    """
    dt_z = dt * sigmoid(W.dt_z @ y + V.dt_z @ x + b.dt_z)
    dt_y = dt * sigmoid(W.dt_y @ y + V.dt_y @ x + b.dt_y)
    z_new = (1 - dt_z) * z + dt_z * tanh(W.z @ y + V.z @ x + b.z)
    y = (1 - dt_y) * y + dt_y * tanh(W.y @ z_new + V.y @ x + b.y)
    return y, z_new
