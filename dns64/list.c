// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/internal.h"

static struct link *
link_of(void *base, size_t stride, size_t offset, uint32_t i)
{
	return (struct link *)(void *)((char *)base + stride * i + offset);
}

void
list_push(struct list *l, void *base, size_t stride, size_t offset, uint32_t i)
{
	struct link *k = link_of(base, stride, offset, i);

	k->prev = l->tail;
	k->next = DNS64_NONE;
	if (l->tail == DNS64_NONE)
		l->head = i;
	else
		link_of(base, stride, offset, l->tail)->next = i;
	l->tail = i;
}

void
list_remove(struct list *l, void *base, size_t stride, size_t offset, uint32_t i)
{
	struct link *k = link_of(base, stride, offset, i);

	if (k->prev == DNS64_NONE)
		l->head = k->next;
	else
		link_of(base, stride, offset, k->prev)->next = k->next;
	if (k->next == DNS64_NONE)
		l->tail = k->prev;
	else
		link_of(base, stride, offset, k->next)->prev = k->prev;
}
