"""The attributes of NumPy's arrays and torch's tensors: a parameter has none of them as a member.

Who writes ``W.T`` or ``W.shape`` means what these libraries do, and would get a parameter of that
name instead. The names are those of ``numpy.ndarray`` and ``torch.Tensor``, written down so that the
language needs neither; ``tests/lang/test_array_names.py`` compares.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TRANSPOSES = _words("""
    T mT H mH t transpose swapaxes swapdims permute moveaxis movedim adjoint
""")

# methods whose names people give to gates and parts; called, they are refused as any parameter is
KEPT = _words("""
    new inner outer long short select gather scatter trace cross expand compress item char type
""")

# an ending _ is torch's mark of a change in place: those stand here whose name without it does not
_OTHERS = _words("""
    abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr all allclose amax amin
    aminmax angle any apply_ arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin
    argpartition argsort argwhere as_strided as_strided_scatter as_subclass asin asinh astype
    atan atan2 atanh backward baddbmm base bernoulli bfloat16 bincount bitwise_and
    bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bmm bool
    broadcast_to byte byteswap cauchy_ ccol_indices cdouble ceil cfloat chalf cholesky
    cholesky_inverse cholesky_solve choose chunk clamp clamp_max clamp_min clip clone coalesce
    col_indices conj conj_physical conjugate const_data_ptr contiguous copy copysign corrcoef
    cos cosh count_nonzero cov cpu crow_indices ctypes cuda cummax cummin cumprod cumsum data
    data_ptr deg2rad dense_dim dequantize det detach device diag diag_embed diagflat diagonal
    diagonal_scatter diff digamma dim dim_order dist div divide dot double dsplit dtype dump
    dumps eig element_size eq equal erf erfc erfinv exp exp2 expand_as expm1 exponential_ fill
    fill_diagonal_ fix flags flat flatten flip fliplr flipud float float_power floor
    floor_divide fmax fmin fmod frac frexp gcd ge geometric_ geqrf ger get_device getfield grad
    grad_dtype grad_fn greater greater_equal gt half hardshrink hash_tensor heaviside histc
    histogram hsplit hypot i0 igamma igammac imag index index_add index_copy index_fill
    index_put index_reduce index_select indices int int_repr inverse ipu is_coalesced is_complex
    is_conj is_contiguous is_cpu is_cuda is_distributed is_floating_point is_inference is_ipu
    is_leaf is_maia is_meta is_mkldnn is_mps is_mtia is_neg is_nested is_nonzero is_pinned
    is_quantized is_same_size is_set_to is_shared is_signed is_sparse is_sparse_csr is_vulkan
    is_xla is_xpu isclose isfinite isinf isnan isneginf isposinf isreal istft itemsize kron
    kthvalue layout lcm ldexp le lerp less less_equal lgamma log log10 log1p log2 log_normal_
    log_softmax logaddexp logaddexp2 logcumsumexp logdet logical_and logical_not logical_or
    logical_xor logit logsumexp lstsq lt lu lu_solve map2_ map_ masked_fill masked_scatter
    masked_select matmul matrix_exp matrix_power max maximum mean median min minimum mm mode
    module_load msort mtia mul multinomial multiply mv mvlgamma name names nan_to_num nanmean
    nanmedian nanquantile nansum narrow narrow_copy nbytes ndim ndimension ne neg negative
    nelement new_empty new_empty_strided new_full new_ones new_tensor new_zeros nextafter
    nonzero nonzero_static norm normal_ not_equal numel numpy orgqr ormqr output_nr partition
    pin_memory pinverse polygamma positive pow prelu prod put q_per_channel_axis
    q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point qr qscheme quantile
    rad2deg random_ ravel real reciprocal record_stream register_hook
    register_post_accumulate_grad_hook reinforce relu remainder renorm repeat repeat_interleave
    requires_grad reshape reshape_as resize resize_as resize_as_sparse_ resolve_conj resolve_neg
    retain_grad retains_grad roll rot90 round row_indices rsqrt scatter_add scatter_reduce
    searchsorted select_scatter set_ setfield setflags sgn shape share_memory_ sigmoid sign
    signbit sin sinc sinh size slice_inverse slice_scatter slogdet smm softmax solve sort
    sparse_dim sparse_mask sparse_resize_ sparse_resize_and_clear_ split split_with_sizes sqrt
    square squeeze sspaddmm std stft storage storage_offset storage_type stride strides sub
    subtract sum sum_to_size svd symeig take take_along_dim tan tanh tensor_split tile to
    to_dense to_device to_mkldnn to_padded_tensor to_sparse to_sparse_bsc to_sparse_bsr
    to_sparse_coo to_sparse_csc to_sparse_csr tobytes tofile tolist topk triangular_solve tril
    triu true_divide trunc type_as unbind unflatten unfold uniform_ unique unique_consecutive
    unsafe_chunk unsafe_split unsafe_split_with_sizes unsqueeze untyped_storage values var vdot
    view view_as volatile vsplit where xlogy xpu zero_
""")


def taken(name: str) -> bool:
    """Whether it is what arrays and tensors have: not a member unless it is said by index."""
    plain = name.removesuffix("_")
    return name in _OTHERS or plain in _OTHERS or plain in TRANSPOSES
