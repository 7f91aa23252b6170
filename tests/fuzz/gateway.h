// SPDX-License-Identifier: BSD-3-Clause
// A running gateway for fuzz targets that send packets: started once, with the same open sessions
// before each input.
#ifndef TESTS_FUZZ_GATEWAY_H
#define TESTS_FUZZ_GATEWAY_H

#include "packets/env.h"

#define FRAME_MAX 1514

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// UDP, TCP and echo sessions of the client C get port 5000 of the pool address T. Outsiders may
// begin sessions with it, and with D, which has ports 8080 and 8090 of T; clients reach each other
// by T.
void gateway_start(void);
// Neighbours are known and the sessions are open (again).
void gateway_ready(void);
// Ends an input: what was sent is thrown away, and now and then everything must be consistent.
void gateway_done(void);

#endif
