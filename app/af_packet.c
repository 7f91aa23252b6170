// SPDX-License-Identifier: BSD-3-Clause
// DPDK's net_af_packet (22.11) asks the kernel to put IPv4 fragments together before it delivers
// them (PACKET_FANOUT_FLAG_DEFRAG), and has no option against it. What comes is longer than the
// frames of its ring and would arrive cut off. The driver's call finds this function in place of
// libc's; nothing else uses the option.
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FANOUT_FLAGS_SHIFT 16 // packet(7): identifier below, mode and flags above

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	unsigned int fanout;

	if (level == SOL_PACKET && name == PACKET_FANOUT && len == sizeof(fanout)) {
		memcpy(&fanout, value, sizeof(fanout));
		fanout &= ~((unsigned int)PACKET_FANOUT_FLAG_DEFRAG << FANOUT_FLAGS_SHIFT);
		value = &fanout;
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}
