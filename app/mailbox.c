// SPDX-License-Identifier: BSD-3-Clause
#include "app/mailbox.h"

#include <errno.h>
#include <unistd.h>

#define MAILBOX_SLOTS   64
#define MAILBOX_WAIT_US 50

int
mailbox_init(struct mailbox *mb, const char *name, int socket_id)
{
	mb->current = NULL;
	mb->idle = NULL;
	atomic_init(&mb->closed, false);
	mb->ring = rte_ring_create(name, MAILBOX_SLOTS, socket_id, RING_F_SC_DEQ);
	return mb->ring ? 0 : -rte_errno;
}

void
mailbox_fini(struct mailbox *mb)
{
	rte_ring_free(mb->ring);
	mb->ring = NULL;
}

int
mailbox_call(struct mailbox *mb, struct mail *m)
{
	atomic_store(&m->done, false);
	if (atomic_load(&mb->closed))
		return -ESHUTDOWN;
	if (rte_ring_enqueue(mb->ring, m))
		return -EAGAIN;
	if (mb->idle)
		idle_ring(mb->idle);
	while (!atomic_load_explicit(&m->done, memory_order_acquire)) {
		// it may have been done, as the last one, since
		if (atomic_load_explicit(&mb->closed, memory_order_acquire))
			return atomic_load(&m->done) ? 0 : -ESHUTDOWN;
		usleep(MAILBOX_WAIT_US);
	}
	return 0;
}

bool
mailbox_poll(struct mailbox *mb, void *owner)
{
	if (!mb->current && rte_ring_dequeue(mb->ring, (void **)&mb->current))
		return false;
	if (mb->current->run(owner, mb->current)) {
		atomic_store_explicit(&mb->current->done, true, memory_order_release);
		mb->current = NULL;
	}
	return true;
}

void
mailbox_close(struct mailbox *mb)
{
	// From here on the owner touches no mail, so callers may reuse theirs.
	mb->current = NULL;
	atomic_store_explicit(&mb->closed, true, memory_order_release);
}
