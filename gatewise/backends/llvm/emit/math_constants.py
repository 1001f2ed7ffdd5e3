"""What `math.py` needs to know of a float type: its layout and the coefficients of its polynomials.

Every polynomial minimises the largest relative error over its interval (Remez exchange in 60
digits); then its coefficients are rounded to the type. The errors of the approximations with the
rounded coefficients, in exact arithmetic:

                                                     float     double
    exp(r)     = 1 + r (c0 + c1 r + ...)             9.3e-8    8.3e-18    |r| <= ln 2 / 2
    tanh(r)    = r + r z (c0 + c1 z + ...)           5.6e-8    4.7e-18    |r| <= ln 2 / 4, z = r r
    2 atanh(s) = s (2 + z (c0 + c1 z + ...))         5.5e-9    5.2e-17    |s| <= 1/3, z = s s
"""

from dataclasses import dataclass
from typing import Literal

FloatType = Literal["float", "double"]


@dataclass(frozen=True)
class Constants:
    """One IEEE binary type. Polynomials are listed from the constant term up."""

    suffix: str  # of LLVM's intrinsics
    bits: int
    mantissa: int  # stored bits
    ln2_high: float  # short enough for every exponent times it to be exact
    ln2_low: float
    exp_least: float  # least argument with a normal result
    exp_most: float  # greatest argument with a finite result
    exp: tuple[float, ...]
    tanh: tuple[float, ...]
    atanh: tuple[float, ...]

    @property
    def bias(self) -> int:
        """The exponent field of 1.0, which is also the greatest exponent of a finite number."""
        return (1 << (self.bits - self.mantissa - 2)) - 1


CONSTANTS: dict[FloatType, Constants] = {
    "float": Constants(
        suffix="f32",
        bits=32,
        mantissa=23,
        ln2_high=0.693359375,
        ln2_low=-2.1219444e-4,
        exp_least=-87.33654,
        exp_most=88.72283,
        exp=(0.9999997, 0.49999148, 0.16667637, 0.041898023, 0.0082902927),
        tanh=(-0.33331272, 0.13110586),
        atanh=(0.6666642, 0.40021527, 0.28001806, 0.2801199),
    ),
    "double": Constants(
        suffix="f64",
        bits=64,
        mantissa=52,
        ln2_high=0.6931471803691238,
        ln2_low=1.9082149292705877e-10,
        exp_least=-708.3964185322641,
        exp_most=709.782712893384,
        exp=(
            1.0,
            0.5000000000000006,
            0.16666666666666563,
            0.04166666666657375,
            0.008333333333397969,
            0.0013888888932313997,
            0.00019841269707237698,
            2.4801504532464413e-05,
            2.75574149227967e-06,
            2.7626291693553005e-07,
            2.5052080463464136e-08,
        ),
        tanh=(
            -0.3333333333333248,
            0.1333333333278321,
            -0.05396825278108678,
            0.021869370645816844,
            -0.008857306470946848,
            0.003444809468287615,
        ),
        atanh=(
            0.666666666666777,
            0.3999999999605004,
            0.28571429057963826,
            0.22222192906211527,
            0.1818281403277659,
            0.1536429611075127,
            0.13586309265364804,
            0.09902843678593554,
            0.17739716013734627,
        ),
    ),
}
