/* Source annotations of the Windows kits (sal.h, driverspecs.h): here they mean nothing to the compiler. */
#ifndef CHS_NTANNOTATIONS_H
#define CHS_NTANNOTATIONS_H

/* Calling conventions and storage. */
#define IN
#define OUT
#define OPTIONAL
#define EXPORT
#define NTAPI
#define NTSYSAPI
#define NTKERNELAPI
#define WINAPI
#define FASTCALL
#define APIENTRY
#define CALLBACK
#define INIT_CODE_SEG
#define UNALIGNED
#define __cdecl
#define __stdcall
#define __fastcall
#define __callback
#define __declspec(what) CHS_DECLSPEC_##what
#define CHS_DECLSPEC_align(bytes) __attribute__((aligned(bytes)))
#define CHS_DECLSPEC_noinline __attribute__((noinline))
#define CHS_DECLSPEC_noreturn __attribute__((noreturn))
#define CHS_DECLSPEC_selectany __attribute__((weak))
#define CHS_DECLSPEC_deprecated
#define CHS_DECLSPEC_dllexport
#define CHS_DECLSPEC_dllimport
#define CHS_DECLSPEC_nothrow
#define CHS_DECLSPEC_allocate(section)
#define CHS_DECLSPEC_code_seg(section)
#define __pragma(what)
#define __fallthrough __attribute__((fallthrough))

/* Parameters and results. */
#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(...)
#define _In_reads_z_(...)
#define _In_reads_bytes_(...)
#define _In_reads_opt_(...)
#define _In_reads_bytes_opt_(...)
#define _In_range_(...)
#define _In_bytecount_(...)
#define _In_count_(...)
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Inout_updates_(...)
#define _Inout_updates_opt_(...)
#define _Inout_updates_z_(...)
#define _Inout_updates_to_(...)
#define _Inout_updates_bytes_(...)
#define _Inout_updates_bytes_opt_(...)
#define _Inout_updates_bytes_to_(...)
#define _Inout_updates_all_(...)
#define _Out_
#define _Out_opt_
#define _Out_range_(...)
#define _Out_writes_(...)
#define _Out_writes_opt_(...)
#define _Out_writes_z_(...)
#define _Out_writes_all_(...)
#define _Out_writes_to_(...)
#define _Out_writes_to_opt_(...)
#define _Out_writes_bytes_(...)
#define _Out_writes_bytes_opt_(...)
#define _Out_writes_bytes_all_(...)
#define _Out_writes_bytes_to_(...)
#define _Out_writes_bytes_to_opt_(...)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _Outptr_result_z_
#define _Outptr_result_buffer_(...)
#define _Outptr_result_bytebuffer_(...)
#define _Outptr_result_bytebuffer_maybenull_(...)
#define _Deref_out_range_(...)
#define _Deref_out_opt_
#define _Deref_pre_maybenull_
#define _Reserved_
#define _Const_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_range_(...)
#define _Check_return_
#define _Must_inspect_result_
#define _Maybenull_
#define _Notnull_
#define _Null_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Readable_bytes_(...)
#define _Writable_bytes_(...)
#define _Pre_notnull_
#define _Pre_maybenull_
#define _Pre_satisfies_(...)
#define _Post_
#define _Pre_
#define _Post_equal_to_(...)
#define _Post_invalid_
#define _Post_notnull_
#define _Post_ptr_invalid_
#define _Post_satisfies_(...)
#define _Post_writable_byte_size_(...)
#define _Prepost_z_
#define _Points_to_data_
#define _Satisfies_(...)
#define _Success_(...)
#define _On_failure_(...)
#define _Return_type_success_(...)
#define _When_(...)
#define _At_(...)
#define _At_buffer_(...)
#define _Group_(...)
#define _Field_size_(...)
#define _Field_size_opt_(...)
#define _Field_size_bytes_(...)
#define _Field_size_bytes_opt_(...)
#define _Field_size_full_(...)
#define _Field_size_bytes_full_(...)
#define _Field_size_part_(...)
#define _Field_range_(...)
#define _Field_z_
#define _Struct_size_bytes_(...)
#define _Function_class_(...)
#define _Use_decl_annotations_
#define _Printf_format_string_
#define _Interlocked_
#define _Interlocked_operand_
#define _Literal_
#define _Strict_type_match_
#define _Flags_enum_
#define _Enum_is_bitflag_
#define _Always_(...)
#define _No_competing_thread_
#define _Analysis_assume_(...)
#define _Analysis_noreturn_
#define _Analysis_mode_(...) struct chs_nothing
#define _Analysis_suppress_lock_checking_(...)
#define _Benign_race_begin_
#define _Benign_race_end_

/* IRQLs, locks and memory. */
#define _IRQL_requires_(irql)
#define _IRQL_requires_max_(irql)
#define _IRQL_requires_min_(irql)
#define _IRQL_requires_same_
#define _IRQL_always_function_max_(irql)
#define _IRQL_always_function_min_(irql)
#define _IRQL_is_cancel_
#define _IRQL_raises_(irql)
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_saves_global_(kind, target)
#define _IRQL_restores_global_(kind, target)
#define _IRQL_uses_cancel_
#define _Acquires_lock_(...)
#define _Acquires_exclusive_lock_(...)
#define _Acquires_shared_lock_(...)
#define _Acquires_nonreentrant_lock_(...)
#define _Releases_lock_(...)
#define _Releases_exclusive_lock_(...)
#define _Releases_shared_lock_(...)
#define _Releases_nonreentrant_lock_(...)
#define _Requires_lock_held_(...)
#define _Requires_exclusive_lock_held_(...)
#define _Requires_shared_lock_held_(...)
#define _Requires_lock_not_held_(...)
#define _Requires_no_locks_held_
#define _Has_lock_kind_(...)
#define _Has_lock_level_(...)
#define _Lock_level_order_(...)
#define _Create_lock_level_(...)
#define _Guarded_by_(...)
#define _Write_guarded_by_(...)
#define _Dispatch_type_(...)
#define _Kernel_float_saved_
#define _Kernel_float_restored_
#define __drv_allocatesMem(kind)
#define __drv_freesMem(kind)
#define __drv_acquiresResource(kind)
#define __drv_releasesResource(kind)
#define __drv_aliasesMem
#define __drv_requiresIRQL(irql)
#define __drv_maxIRQL(irql)
#define __drv_minIRQL(irql)
#define __drv_maxFunctionIRQL(irql)
#define __drv_minFunctionIRQL(irql)
#define __drv_sameIRQL
#define __drv_raisesIRQL(irql)
#define __drv_savesIRQL
#define __drv_restoresIRQL
#define __drv_mustHold(...)
#define __drv_mustHoldCriticalRegion
#define __drv_neverHold(...)
#define __drv_functionClass(name)
#define __drv_dispatchType(type)
#define __drv_when(...)
#define __drv_at(...)
#define __drv_arg(...)
#define __drv_deref(...)
#define __drv_inTry
#define __drv_preferredFunction(...)
#define __drv_reportError(...)
#define __drv_strictTypeMatch(...)
#define __drv_tryReleasesResource(...)

#ifndef __cplusplus /* some of these are names inside C++ libraries */
#define __in
#define __in_opt
#define __in_bcount(size)
#define __in_bcount_opt(size)
#define __in_ecount(count)
#define __in_ecount_opt(count)
#define __inout
#define __inout_opt
#define __inout_bcount(size)
#define __inout_bcount_part(size, used)
#define __inout_ecount(count)
#define __out
#define __out_opt
#define __out_bcount(size)
#define __out_bcount_opt(size)
#define __out_bcount_part(size, used)
#define __out_bcount_full(size)
#define __out_ecount(count)
#define __out_ecount_part(count, used)
#define __deref_out
#define __deref_out_opt
#define __deref_opt_out
#define __deref_inout
#define __deref_in
#define __deref_out_bcount(size)
#define __reserved
#define __checkReturn
#define __success(condition)
#define __field_bcount(size)
#define __field_ecount(count)
#define __field_range(low, high)
#define __nullterminated
#endif

#endif
