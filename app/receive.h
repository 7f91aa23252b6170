// SPDX-License-Identifier: BSD-3-Clause
// The first part of a worker's turn. Called by the worker that owns w only.
#ifndef APP_RECEIVE_H
#define APP_RECEIVE_H

#include "app/worker.h"

// Takes what the worker's receive queues have and runs the stages over it. Returns the number of
// packets.
unsigned int receive(struct worker *w);

#endif
