"""What `math.py` needs to know of a float type: its layout and the coefficients of its polynomials.

Every polynomial minimises the largest relative error over its interval (Remez exchange in 60
digits); then its coefficients are rounded to the type. The errors of the approximations with the
rounded coefficients, in exact arithmetic:

                                                     float     double
    exp(r)     = 1 + r (c0 + c1 r + ...)             9.3e-8    8.3e-18    |r| <= ln 2 / 2
    tanh(r)    = r + r z (c0 + c1 z + ...)           5.6e-8    4.7e-18    |r| <= ln 2 / 4, z = r r
    2 atanh(s) = s (2 + z (c0 + c1 z + ...))         5.5e-9    5.2e-17    |s| <= 1/3, z = s s
    sin(r)     = r + r z (c0 + c1 z + ...)           5.4e-9    6.0e-18    |r| <= pi / 4, z = r r
    cos(r)     = 1 - z/2 + z z (c0 + c1 z + ...)     1.6e-10   1.1e-18    |r| <= pi / 4, z = r r
    erf(x)     = x + x (c0 + c1 z + ...)             4.9e-8    2.6e-17    |x| <= 1, z = x x
    erf(x)     = 1 - exp(c0 + c1 x + ...)            1.2e-8    1.7e-17    1 <= x <= 4 (6 for double)

``half_pi`` has pi / 2 in parts short enough for their products with all n up to ``near`` / (pi / 2) to be
exact; ``TWO_OVER_PI`` has the binary digits of 2 / pi, behind 64 zeros, for larger arguments.
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
    sin: tuple[float, ...]
    cos: tuple[float, ...]
    half_pi: tuple[float, ...]
    near: float
    erf: tuple[float, ...]
    log_erfc: tuple[float, ...]
    erf_most: float  # erf is 1 from there on

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
        sin=(-0.16666655, 0.008332178, -0.00019517235),
        cos=(0.041666646, -0.0013887315, 2.4433084e-05),
        half_pi=(1.5703125, 0.0004837513, 7.5495336e-08, 2.563344e-12),
        near=4096.0,
        erf=(0.12837912, -0.37612325, 0.1128018, -0.026711309, 0.0049175499, -0.00056314172),
        log_erfc=(
            -0.0003415762,
            -1.127089,
            -0.6381452,
            -0.103106424,
            0.021837903,
            -0.0029476173,
            0.00018637495,
        ),
        erf_most=4.0,
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
        sin=(
            -0.16666666666666632,
            0.008333333333322413,
            -0.00019841269829807778,
            2.7557313691915717e-06,
            -2.50507581157251e-08,
            1.5896795715103863e-10,
        ),
        cos=(
            0.041666666666666595,
            -0.001388888888887304,
            2.480158728884133e-05,
            -2.7557314176214795e-07,
            2.0875700412150045e-09,
            -1.1358513730492512e-11,
        ),
        half_pi=(
            1.5707963267341256,
            6.077100506303966e-11,
            2.0222662487111665e-21,
            8.4784276603689e-32,
        ),
        near=1048576.0,
        erf=(
            0.12837916709551256,
            -0.3761263890318352,
            0.11283791670944185,
            -0.02686617064311144,
            0.005223977606118201,
            -0.0008548325929299106,
            0.00012055293576377275,
            -1.4924712290816286e-05,
            1.6447131419811136e-06,
            -1.6206312501557555e-07,
            1.3710974567312202e-08,
            -7.779456921831154e-10,
        ),
        log_erfc=(
            -5.028548277586546e-07,
            -1.1283740893783436,
            -0.6366436287413668,
            -0.10270343713090065,
            0.01899017320458012,
            0.0004106373333225885,
            -0.0019159549973207833,
            0.0007706541826012469,
            -0.0001350583465082513,
            -2.0262153705278353e-05,
            2.2820522573841145e-05,
            -8.666490145279232e-06,
            2.1355013034982365e-06,
            -3.732681915511389e-07,
            4.641791225318423e-08,
            -3.9337708984776994e-09,
            2.0446690413551425e-10,
            -4.927809719188362e-12,
        ),
        erf_most=6.0,
    ),
}

TWO_OVER_PI = tuple(
    int(word, 16)
    for word in [
        "00000000",
        "00000000",
        "A2F9836E",
        "4E441529",
        "FC2757D1",
        "F534DDC0",
        "DB629599",
        "3C439041",
        "FE5163AB",
        "DEBBC561",
        "B7246E3A",
        "424DD2E0",
        "06492EEA",
        "09D1921C",
        "FE1DEB1C",
        "B129A73E",
        "E88235F5",
        "2EBB4484",
        "E99C7026",
        "B45F7E41",
        "3991D639",
        "835339F4",
        "9C845F8B",
        "BDF9283B",
        "1FF897FF",
        "DE05980F",
        "EF2F118B",
        "5A0A6D1F",
        "6D367ECF",
        "27CB09B7",
        "4F463F66",
        "9E5FEA2D",
        "7527BAC7",
        "EBE5F17B",
        "3D0739F7",
        "8A5292EA",
        "6BFB5FB1",
        "1F8D5D08",
        "56033046",
        "FC7B6BAB",
        "F0CFBC20",
        "9AF4361D",
    ]
)
