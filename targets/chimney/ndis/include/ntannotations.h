/* Source annotations of the Windows kits (sal.h, driverspecs.h): here they mean nothing to the compiler. */
#ifndef CHS_NTANNOTATIONS_H
#define CHS_NTANNOTATIONS_H

#define IN
#define OUT
#define OPTIONAL
#define EXPORT
#define NTAPI
#define NTSYSAPI
#define NTKERNELAPI
#define WINAPI
#define FASTCALL
#define INIT_CODE_SEG

#define _In_
#define _In_opt_
#define _In_z_
#define _In_reads_(count)
#define _In_reads_bytes_(size)
#define _In_reads_opt_(count)
#define _In_reads_bytes_opt_(size)
#define _In_range_(low, high)
#define _Inout_
#define _Inout_opt_
#define _Inout_updates_(count)
#define _Inout_updates_bytes_(size)
#define _Out_
#define _Out_opt_
#define _Out_writes_(count)
#define _Out_writes_bytes_(size)
#define _Out_writes_bytes_to_(size, used)
#define _Outptr_
#define _Outptr_result_maybenull_
#define _Reserved_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Check_return_
#define _Must_inspect_result_
#define _Success_(condition)
#define _When_(condition, annotation)
#define _At_(target, annotation)
#define _Field_size_(count)
#define _Field_size_bytes_(size)
#define _Field_range_(low, high)
#define _Function_class_(name)
#define _Use_decl_annotations_
#define _Analysis_assume_(condition)
#define _Analysis_noreturn_
#define _Null_terminated_
#define _Printf_format_string_
#define _Interlocked_operand_

#define _IRQL_requires_(irql)
#define _IRQL_requires_max_(irql)
#define _IRQL_requires_min_(irql)
#define _IRQL_requires_same_
#define _IRQL_raises_(irql)
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_saves_global_(kind, target)
#define _IRQL_restores_global_(kind, target)
#define _Acquires_lock_(lock)
#define _Releases_lock_(lock)
#define _Requires_lock_held_(lock)
#define _Requires_lock_not_held_(lock)
#define _Guarded_by_(lock)
#define __drv_allocatesMem(kind)
#define __drv_freesMem(kind)
#define __drv_aliasesMem
#define __drv_requiresIRQL(irql)
#define __drv_maxIRQL(irql)

#ifndef __cplusplus /* some of these are names inside C++ libraries */
#define __in
#define __in_opt
#define __in_bcount(size)
#define __inout
#define __inout_opt
#define __out
#define __out_opt
#define __deref_out
#define __reserved
#endif

#endif
