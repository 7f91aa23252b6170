// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

#include "config/driver.h"

#include <sys/stat.h>
#include <unistd.h>

#define HEAD "names: [net_x]\nabout: a NIC\n"

static int
load(const char *yaml, struct driver_cfg *d, char **said)
{
	size_t len = 0;
	FILE *f = open_memstream(said, &len);
	int rc = driver_load_text("d.yaml", yaml, strlen(yaml), d, f);

	fclose(f);
	return rc;
}

static void
wrong_files_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *yaml, *says;
	} row[] = {
		{"about: a NIC\n", "d.yaml:1:1: names: is missing, allowed: up to 31 letters"},
		{"names: [net_x]\n", "d.yaml:1:1: about: is missing, allowed: up to 255 bytes"},
		{HEAD "queues: 2\n", "d.yaml:3:1: queues: unknown key, allowed: names, about"},
		{HEAD "rx_queue: 2\n",
			"d.yaml:3:1: rx_queue: unknown key, did you mean rx_queues? allowed: "},
		{HEAD "rx_queues: 0\n",
			"d.yaml:3:12: rx_queues: \"0\" is out of range, allowed: 1 to 256 queues"},
		{HEAD "link: maybe\n",
			"d.yaml:3:7: link: \"maybe\" is not known here, allowed: poll, interrupt"},
		{HEAD "mtu_max: 9001\n", "d.yaml:3:10: mtu_max: \"9001\" is out of range"},
		{HEAD "rx_descriptors: 4096\n", "d.yaml:3:17: rx_descriptors: \"4096\" is out of"},
		{HEAD "rss:\n  hash: [ipv4, ipv5]\n",
			"d.yaml:4:16: rss.hash[1]: \"ipv5\" is not known here, allowed: ipv4, "
			"ipv4-tcp, ipv4-udp, ipv6, ipv6-tcp, ipv6-udp"},
		{HEAD "rx_queues: 4\nrss:\n  hash: [ipv4]\n",
			"d.yaml:5:3: rss.hash: needs rss.table"},
		{HEAD "rss: {key: 40}\n", "d.yaml:3:12: rss.key: needs rss.hash, allowed: both"},
		{HEAD "rss: {table: 128, hash: [ipv4]}\n",
			"d.yaml:1:1: rx_queues: is 1 and rss.hash is there, allowed: more queues"},
		{HEAD "offloads: {rx: [tso]}\n",
			"d.yaml:3:17: offloads.rx[0]: \"tso\" is not known"},
		{HEAD "offloads: {avoid: [{what: tso}]}\n",
			"d.yaml:3:20: offloads.avoid[0].why: is missing"},
		{"names: [net_x, net_x]\nabout: a NIC\n",
			"d.yaml:1:16: names[1]: \"net_x\" is there twice, allowed: once"},
		{"names: [a, b, c, d, e]\nabout: a NIC\n",
			"d.yaml:1:21: names[4]: is one entry too many, allowed: at most 4"},
		{HEAD "arguments: [count=1, fast]\n",
			"d.yaml:3:22: arguments[1]: \"fast\" is not one argument with a value, "
			"allowed: NAME=VALUE"},
		{HEAD "arguments: [\"a,b=1\"]\n",
			"d.yaml:3:13: arguments[0]: \"a,b=1\" is not one"},
		{HEAD "arguments: [\"=1\"]\n", "d.yaml:3:13: arguments[0]: \"=1\" is not one"},
		{HEAD "arguments: [a=]\n", "d.yaml:3:13: arguments[0]: \"a=\" is not one"},
		{HEAD "arguments: [ab=1, a=1, ab=2]\n",
			"d.yaml:3:24: arguments[2]: \"ab\" is there twice, allowed: once"},
		{"names: [", "d.yaml:2:1: yaml: no valid YAML"},
		{"", "d.yaml:1:1: about: is missing"},
	};

	for (size_t i = 0; i < N(row); i++) {
		struct driver_cfg d;
		char *said = NULL;

		if (load(row[i].yaml, &d, &said) != -EINVAL ||
			strncmp(said, row[i].says, strlen(row[i].says)))
			fail_msg("row %zu: wanted %s\ngot %s", i, row[i].says, said);
		free(said);
	}
}

static void
a_file_says_everything(void **state)
{
	static const char yaml[] =
		"names: [net_x, net_y]\nabout: two\nkernel: [x]\nbind: [vfio-pci, uio]\n"
		"rx_queues: 4\ntx_queues: 3\nrx_descriptors: 256\ntx_descriptors: 512\n"
		"mtu_max: 9000\nlink: interrupt\narguments: [a=1]\n"
		"rss: {key: 40, table: 128, hash: [ipv4-udp, ipv6]}\n"
		"offloads: {rx: [udp-checksum], tx: [udp-checksum],\n"
		"  avoid: [{what: tso, why: none}]}\n";
	struct driver_cfg d;
	char *said = NULL;

	assert_int_equal(load(yaml, &d, &said), 0);
	assert_string_equal(said, "");
	free(said);
	assert_int_equal(d.n_names, 2);
	assert_string_equal(d.names[1], "net_y");
	assert_string_equal(d.kernel[0], "x");
	assert_int_equal(d.n_bind, 2);
	assert_string_equal(d.bind[0], "vfio-pci");
	assert_int_equal(d.n_arguments, 1);
	assert_string_equal(d.arguments[0], "a=1");
	assert_int_equal(d.rx_queues, 4);
	assert_int_equal(d.tx_queues, 3);
	assert_int_equal(d.rx_desc, 256);
	assert_int_equal(d.tx_desc, 512);
	assert_int_equal(d.mtu_max, 9000);
	assert_int_equal(d.link, DRIVER_LINK_INTERRUPT);
	assert_int_equal(d.rss.key_len, 40);
	assert_int_equal(d.rss.reta_size, 128);
	assert_int_equal(d.rss.hash, 1 << DRIVER_HASH_IPV4_UDP | 1 << DRIVER_HASH_IPV6);
	assert_int_equal(d.offloads.rx, 1 << DRIVER_OFFLOAD_UDP_CHECKSUM);
	assert_int_equal(d.offloads.tx, 1 << DRIVER_OFFLOAD_UDP_CHECKSUM);
	assert_string_equal(d.offloads.avoid[0].why, "none");
}

static void
the_files_of_the_binary_are_right(void **state)
{
	static const char *const known[] = {"net_e1000_em", "net_e1000_igb", "net_igc", "net_ixgbe",
		"net_i40e", "net_virtio", "net_af_packet", "net_af_xdp", "net_tap", "net_ring",
		"net_null", "net_memif", "net_pcap"};
	static struct driver_set s;

	assert_int_equal(driver_set_load(&s, "", stderr), 0);
	// each is there, so none has replaced another
	assert_int_equal(s.n, driver_n_file);
	for (size_t i = 0; i < N(known); i++)
		assert_true(driver_set_find(&s, known[i])->n_names > 0);
	assert_int_equal(driver_set_find(&s, "net_e1000_em")->rx_queues, 1);
	assert_int_equal(driver_set_find(&s, "net_e1000_igb")->rss.key_len, 40);
}

static void
arguments_are_added_to_a_device_without_them(void **state)
{
	static const struct {
		const char *device, *told;
	} row[] = {
		{"net_x0,iface=a", "net_x0,iface=a,count=7,mode=b"},
		{"net_x0", "net_x0,count=7,mode=b"},
		{"net_x0,count=1,iface=a", "net_x0,count=1,iface=a,mode=b"},
		{"net_x0,iface=count=,mode=c", "net_x0,iface=count=,mode=c,count=7"},
		{"net_x0,iface=a,mode=c,count=1", "net_x0,iface=a,mode=c,count=1"},
		{"net_x_y0,iface=a", "net_x_y0,iface=a,z=1"},
		{"net_other0,iface=a", "net_other0,iface=a"},
	};
	static struct driver_set s;
	char told[64];

	assert_int_equal(driver_set_load(&s, "", stderr), 0);
	driver_set_device(&s, "net_af_packet0,iface=a", told, sizeof(told));
	assert_string_equal(told, "net_af_packet0,iface=a,framecnt=2048");
	s.n = 2;
	s.driver[0] = (struct driver_cfg){.names = {"net_x"},
		.n_names = 1,
		.arguments = {"count=7", "mode=b"},
		.n_arguments = 2};
	s.driver[1] = (struct driver_cfg){
		.names = {"net_x_y"}, .n_names = 1, .arguments = {"z=1"}, .n_arguments = 1};
	for (size_t i = 0; i < N(row); i++) {
		driver_set_device(&s, row[i].device, told, sizeof(told));
		assert_string_equal(told, row[i].told);
	}
}

static void
an_unknown_driver_gets_careful_settings(void **state)
{
	static struct driver_set s;
	const struct driver_cfg *d;

	assert_int_equal(driver_set_load(&s, "", stderr), 0);
	d = driver_set_find(&s, "net_nobody_knows");
	assert_int_equal(d->n_names, 0);
	assert_int_equal(d->rx_queues, 1);
	assert_int_equal(d->tx_queues, 1);
	assert_int_equal(d->mtu_max, 9000);
	assert_int_equal(d->rss.hash, 0);
	assert_int_equal(d->offloads.rx, 0);
	assert_int_equal(d->offloads.tx, 0);
	assert_true(d->rx_desc > 0 && d->rx_desc <= DRIVER_MAX_DESC);
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
a_directory_adds_and_replaces(void **state)
{
	static struct driver_set s;
	char dir[] = "/tmp/test_driver.XXXXXX", path[256], *said = NULL;
	static const char *const name[] = {"a.yaml", "b.yaml", "note.txt", "c.yaml"};
	size_t len = 0;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	write_file(dir, "a.yaml", "names: [net_x]\nabout: new\n");
	write_file(dir, "b.yaml", "names: [net_e1000_igb]\nabout: other\nrx_queues: 2\n");
	write_file(dir, "note.txt", "no driver");
	assert_int_equal(driver_set_load(&s, dir, stderr), 0);
	assert_int_equal(s.n, driver_n_file + 1);
	assert_string_equal(driver_set_find(&s, "net_x")->about, "new");
	assert_int_equal(driver_set_find(&s, "net_e1000_igb")->rx_queues, 2);
	// what was said of the other name of the same file is gone with it
	assert_int_equal(driver_set_find(&s, "net_e1000_igb_vf")->n_names, 0);

	write_file(dir, "c.yaml", "names: [net_z]\nabout: x\nlink: 1\n");
	f = open_memstream(&said, &len);
	assert_int_equal(driver_set_load(&s, dir, f), -EINVAL);
	fclose(f);
	snprintf(path, sizeof(path), "%s/c.yaml:3:7: link: \"1\" is not known here", dir);
	assert_int_equal(strncmp(said, path, strlen(path)), 0);
	free(said);
	for (size_t i = 0; i < N(name); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, name[i]);
		unlink(path);
	}
	rmdir(dir);
}

static void
a_directory_that_is_not_there_is_an_error(void **state)
{
	static struct driver_set s;
	char *said = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&said, &len);

	assert_int_equal(driver_set_load(&s, "/nowhere/drivers", f), -ENOENT);
	fclose(f);
	assert_string_equal(said, "/nowhere/drivers: cannot be read: No such file or directory\n");
	free(said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_files_are_refused_with_their_place),
		cmocka_unit_test(a_file_says_everything),
		cmocka_unit_test(the_files_of_the_binary_are_right),
		cmocka_unit_test(arguments_are_added_to_a_device_without_them),
		cmocka_unit_test(an_unknown_driver_gets_careful_settings),
		cmocka_unit_test(a_directory_adds_and_replaces),
		cmocka_unit_test(a_directory_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
