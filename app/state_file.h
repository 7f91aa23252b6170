// SPDX-License-Identifier: BSD-3-Clause
// Sessions outlive a restart in a file (config.state_file; lib/state/snapshot.h is what is in it).
// Control thread only, while no worker runs, but state_file_used. None of these can fail: a gateway
// without its old sessions is better than none. What happened is printed, and kept in gw->restart.
#ifndef APP_STATE_FILE_H
#define APP_STATE_FILE_H

#include "app/gateway.h"
#include "state/snapshot.h"

// What became of the sessions of the last run.
enum restart_outcome {
	RESTART_OFF,      // state_file: none
	RESTART_NO_FILE,  // the first start, or a crash before
	RESTART_REFUSED,  // the file is not right; why says what
	RESTART_RESTORED, // with what report counts
};

struct restart {
	enum restart_outcome outcome;
	char why[512];
	uint64_t saved_sec;    // wall clock
	uint64_t passed_sec;   // since then
	uint64_t set_back_sec; // the clock on the wall went back by
	unsigned int n_worker; // that there were
	double took_sec;
	struct snapshot_report report;
};

// The time of now, by the clock of the workers and by that on the wall.
struct snapshot_times state_file_now(void);

// Before anything is hashed: reads and checks the file, and takes over its hash key. Makes the
// directory where it is missing.
void state_file_read(struct gateway *gw, const struct snapshot_times *now);
// When the workers have been made, and before packets come: restores what was read.
void state_file_restore(struct gateway *gw, const struct snapshot_times *now);
// The gateway runs. What is in the file is not true any more, and must not be restored after a
// crash: it is removed.
void state_file_used(struct gateway *gw);
// When the workers have stopped.
void state_file_save(struct gateway *gw, const struct snapshot_times *now);

#endif
