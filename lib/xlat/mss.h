// SPDX-License-Identifier: BSD-3-Clause
// TCP maximum segment size (RFC 9293 §3.7.1). Pure function.
#ifndef XLAT_MSS_H
#define XLAT_MSS_H

#include <stdint.h>

// Lowers the MSS option of the SYN at tcp, whose header net/parse.h has checked, to max if it is
// larger, with the checksum (MTU-09). A SYN without the option is left alone: its peer assumes 536
// or 1220 bytes.
void mss_clamp(uint8_t *tcp, uint16_t max);

#endif
