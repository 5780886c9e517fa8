dnl Warnings, sanitizers, fuzzing and coverage: every --enable option that changes how the product is compiled.
dnl Each is probed for compiling *and* linking, and configure stops where the compiler cannot do it.

AC_DEFUN([APIM_TRY_FLAG], [
  AC_MSG_CHECKING([whether $CC builds and links with $1])
  apim_saved_CFLAGS="$CFLAGS"; apim_saved_LDFLAGS="$LDFLAGS"
  CFLAGS="$CFLAGS $1"; LDFLAGS="$LDFLAGS $1"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no]); AC_MSG_ERROR([$2 was asked for, but $CC cannot build and link with $1])])
  CFLAGS="$apim_saved_CFLAGS"; LDFLAGS="$apim_saved_LDFLAGS"
])

AC_DEFUN([APIM_COMPILER_FLAGS], [
  AC_ARG_ENABLE([strict], [AS_HELP_STRING([--enable-strict], [treat warnings as errors])], [], [enable_strict=no])
  AC_ARG_ENABLE([asan], [AS_HELP_STRING([--enable-asan], [AddressSanitizer with leak detection])], [], [enable_asan=no])
  AC_ARG_ENABLE([ubsan], [AS_HELP_STRING([--enable-ubsan], [UndefinedBehaviorSanitizer])], [], [enable_ubsan=no])
  AC_ARG_ENABLE([tsan], [AS_HELP_STRING([--enable-tsan], [ThreadSanitizer])], [], [enable_tsan=no])
  AC_ARG_ENABLE([fuzz], [AS_HELP_STRING([--enable-fuzz], [link the fuzz targets with libFuzzer (needs CC=clang)])], [], [enable_fuzz=no])
  AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [gcov instrumentation])], [], [enable_coverage=no])

  APIM_WARNINGS="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings -Wvla -Wno-unused-parameter -Wno-missing-field-initializers"
  apim_warnings="shown"
  AS_IF([test "x$enable_strict" = xyes], [APIM_WARNINGS="$APIM_WARNINGS -Werror"; apim_warnings="errors (--enable-strict)"])

  apim_flags=""; apim_instrumentation=""
  AS_IF([test "x$enable_asan" = xyes && test "x$enable_tsan" = xyes],
    [AC_MSG_ERROR([--enable-asan and --enable-tsan exclude each other: build twice])])
  AS_IF([test "x$enable_asan" = xyes], [
    APIM_TRY_FLAG([-fsanitize=address], [--enable-asan])
    apim_flags="$apim_flags -fsanitize=address -fno-omit-frame-pointer"; apim_instrumentation="$apim_instrumentation asan"])
  AS_IF([test "x$enable_ubsan" = xyes], [
    APIM_TRY_FLAG([-fsanitize=undefined], [--enable-ubsan])
    apim_flags="$apim_flags -fsanitize=undefined -fno-sanitize-recover=undefined"; apim_instrumentation="$apim_instrumentation ubsan"])
  AS_IF([test "x$enable_tsan" = xyes], [
    APIM_TRY_FLAG([-fsanitize=thread], [--enable-tsan])
    apim_flags="$apim_flags -fsanitize=thread"; apim_instrumentation="$apim_instrumentation tsan"])
  AS_IF([test "x$enable_coverage" = xyes], [
    APIM_TRY_FLAG([--coverage], [--enable-coverage])
    apim_flags="$apim_flags --coverage"; apim_instrumentation="$apim_instrumentation coverage"])
  apim_fuzz_engine="none: the targets replay stored inputs"
  FUZZ_LDFLAGS=""
  AS_IF([test "x$enable_fuzz" = xyes], [
    APIM_TRY_FLAG([-fsanitize=fuzzer-no-link], [--enable-fuzz (try CC=clang)])
    apim_flags="$apim_flags -fsanitize=fuzzer-no-link"; FUZZ_LDFLAGS="-fsanitize=fuzzer"
    apim_fuzz_engine="libFuzzer"])
  AM_CONDITIONAL([FUZZ_ENGINE], [test "x$enable_fuzz" = xyes])
  test -n "$apim_instrumentation" || apim_instrumentation=" none"

  dnl Hardening that costs the data plane nothing that can be measured. Fortify needs optimization and upsets sanitizers.
  APIM_HARDENING="-fstack-protector-strong"
  AS_IF([test "x$apim_flags" = x], [
    AS_CASE(["$CFLAGS"], [*-O0*], [], [*-O*], [APIM_HARDENING="$APIM_HARDENING -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])])
  APIM_CFLAGS="-std=gnu11 -fno-strict-aliasing $APIM_HARDENING $apim_flags"
  APIM_LDFLAGS="$apim_flags -Wl,-z,relro -Wl,-z,now"
  AC_SUBST([APIM_CFLAGS]) AC_SUBST([APIM_WARNINGS]) AC_SUBST([APIM_LDFLAGS]) AC_SUBST([FUZZ_LDFLAGS])
])
