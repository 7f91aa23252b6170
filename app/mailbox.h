// SPDX-License-Identifier: BSD-3-Clause
// How the control thread asks an lcore for something: it never reads the lcore's memory, it posts a
// mail that the lcore runs between two bursts, a slice at a time (N64-MC-05).
// Post from any control thread; poll from the owner lcore only.
#ifndef APP_MAILBOX_H
#define APP_MAILBOX_H

#include "app/idle.h"

#include <rte_errno.h>
#include <rte_ring.h>
#include <stdatomic.h>
#include <stdbool.h>

struct mail {
	// Runs on the owner's lcore. True when finished; false to be called again after the next
	// burst. A call looks at no more than MAIL_BUDGET entries of any table.
	bool (*run)(void *owner, struct mail *m);
	atomic_bool done;
};

#define MAIL_BUDGET 64

struct mailbox {
	struct rte_ring *ring;
	struct mail *current; // owner's
	struct idle *idle;    // owner's, to ring; NULL: it never rests
	atomic_bool closed;   // the owner has left its loop: nothing is answered any more
};

int mailbox_init(struct mailbox *mb, const char *name, int socket_id);
void mailbox_fini(struct mailbox *mb);

// Posts m and waits until it is done. 0, or -EAGAIN (ring full), -ESHUTDOWN (owner has stopped).
int mailbox_call(struct mailbox *mb, struct mail *m);

// One slice of work, if there is any; true if there was. Owner only.
bool mailbox_poll(struct mailbox *mb, void *owner);
// The owner leaves its loop: what is still posted is dropped, callers return -ESHUTDOWN.
void mailbox_close(struct mailbox *mb);

#endif
