// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/array.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LINE      64ul
#define HUGE_PAGE 0x200000ul

void *
array_take(size_t n, size_t size)
{
	size_t align = n * size < HUGE_PAGE ? LINE : HUGE_PAGE;
	size_t len = (n * size + align - 1) & ~(align - 1);
	void *p = aligned_alloc(align, len);

	if (p && align == HUGE_PAGE)
		madvise(p, len, MADV_HUGEPAGE); // as good without
	return p;
}
