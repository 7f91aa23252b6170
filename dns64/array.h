// SPDX-License-Identifier: BSD-3-Clause
// Memory of large tables. Any thread.
#ifndef DNS64_ARRAY_H
#define DNS64_ARRAY_H

#include <stddef.h>

// Room for n elements, not cleared, on a cache line's boundary and in huge pages if they fill some:
// each look-up goes somewhere else, and with pages of 4 kB the address translation would miss as
// well. NULL without memory; free() gives it back.
void *array_take(size_t n, size_t size);

#endif
