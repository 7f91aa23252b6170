// SPDX-License-Identifier: BSD-3-Clause
// What gate64 knows of DPDK's drivers, so that no code asks for a driver's name:
// drivers-cfg/*.yaml, which are part of the binary, and a directory whose files add to them or
// replace them. Read once at start, by the main thread, and read-only then.
#ifndef CONFIG_DRIVER_H
#define CONFIG_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define DRIVER_NAMES    4
#define DRIVER_AVOIDED  8
#define DRIVERS         64
#define DRIVER_MAX_DESC 1024 // of a queue; packet buffers are reckoned with it

// Bits of struct driver_cfg.rss.hash: the driver can hash these by addresses, TCP and UDP by
// ports as well.
enum driver_hash {
	DRIVER_HASH_IPV4,
	DRIVER_HASH_IPV4_TCP,
	DRIVER_HASH_IPV4_UDP,
	DRIVER_HASH_IPV6,
	DRIVER_HASH_IPV6_TCP,
	DRIVER_HASH_IPV6_UDP,
};

// Bits of struct driver_cfg.offloads.
enum driver_offload {
	DRIVER_OFFLOAD_UDP_CHECKSUM, // of DNS messages; all others are changed incrementally
};

enum driver_link {
	DRIVER_LINK_POLL,
	DRIVER_LINK_INTERRUPT,
};

// What tells an idle worker that a packet is there.
enum driver_wake {
	DRIVER_WAKE_NONE,      // nothing: it looks after short naps
	DRIVER_WAKE_SOCKET,    // the packet socket of app/af_packet.h
	DRIVER_WAKE_INTERRUPT, // the receive queue's interrupt
};

struct driver_cfg {
	char names[DRIVER_NAMES][32]; // as rte_eth_dev_info.driver_name has them
	unsigned int n_names;
	char about[256];               // the NICs it is for
	char kernel[DRIVER_NAMES][32]; // Linux drivers of the same NICs
	unsigned int n_kernel;
	char bind[DRIVER_NAMES][32]; // kernel drivers that hand the NIC over, best first; none:
				     // needs none
	unsigned int n_bind;
	char arguments[DRIVER_NAMES][32]; // of a virtual device, where the configuration has none
	unsigned int n_arguments;
	uint16_t rx_queues, tx_queues; // that are of use; the device may have fewer
	uint16_t rx_desc, tx_desc;     // of a queue; the driver adjusts them to what it can
	uint16_t mtu_max;              // bytes of L3
	enum driver_link link;         // how a change of the link is noticed
	enum driver_wake wake;
	struct {
		uint8_t key_len;    // bytes of the Toeplitz key, 0: it takes none
		uint16_t reta_size; // entries of the indirection table, 0: there is none
		uint32_t hash;      // bits of driver_hash
	} rss;
	struct {
		uint32_t rx, tx; // bits of driver_offload, used where the device reports them, too
		struct {
			char what[32];
			char why[256];
		} avoid[DRIVER_AVOIDED]; // what the driver could do and is not asked for
		unsigned int n_avoid;
	} offloads;
};

struct driver_set {
	struct driver_cfg driver[DRIVERS];
	unsigned int n;
	struct driver_cfg careful; // for drivers that no file is about: one queue, no offloads
};

// The files in the binary.
struct driver_file {
	const char *path, *text;
	size_t len;
};
extern const struct driver_file driver_file[];
extern const unsigned int driver_n_file;

// Reads and checks one file as config_load_text does: 0, or -EINVAL with d undefined.
int driver_load_text(
	const char *path, const char *text, size_t len, struct driver_cfg *d, FILE *errors);
// All files of the binary, then DIR/*.yaml unless dir is "". A file that names a driver known
// already replaces what was known. 0, or -errno.
int driver_set_load(struct driver_set *s, const char *dir, FILE *errors);
// Never NULL: what no file is about gets the careful settings, which have no names.
const struct driver_cfg *driver_set_find(const struct driver_set *s, const char *name);

// The device as DPDK is told of it: with the arguments that its driver's file adds and that are not
// there yet. DPDK finds the driver of a virtual device by the beginning of its name.
void driver_set_device(const struct driver_set *s, const char *device, char *out, size_t size);

// Writes docs/drivers.md from the schema table and the files of the binary.
void driver_print_docs(FILE *out);

#endif
