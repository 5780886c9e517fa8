/* What a library leaves behind by its own fault or design is not for LeakSanitizer to report: allocations between
 * LIBRARY_LEAKS_BEGIN and LIBRARY_LEAKS_END, on the calling thread. Say which library and what beside each use. */
#ifndef TESTS_LIBRARY_LEAKS_H
#define TESTS_LIBRARY_LEAKS_H

#ifdef __has_feature
#if __has_feature (address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define LIBRARY_LEAKS_BEGIN __lsan_disable ()
#define LIBRARY_LEAKS_END __lsan_enable ()
#else
#define LIBRARY_LEAKS_BEGIN
#define LIBRARY_LEAKS_END
#endif

#endif
