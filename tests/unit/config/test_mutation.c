// SPDX-License-Identifier: BSD-3-Clause
// Damaged copies of the sample files: each is accepted or refused with a message, nothing else.
#include "rows.h"

#define COPIES 5000 // of each file

static const char *const files[] = {"minimal", "home", "lab", "isp"};

static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static size_t
read_sample(const char *name, char *buf, size_t size)
{
	char path[512];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), SOURCE_ROOT "/configs/%s.yaml", name);
	f = fopen(path, "r");
	assert_non_null(f);
	len = fread(buf, 1, size, f);
	fclose(f);
	assert_in_range(len, 1, size - 1);
	return len;
}

// One change: another byte, a piece that moves, a piece that goes, a word of the format.
static size_t
mutate(char *s, size_t len, uint32_t *x)
{
	static const char *const words[] = {"[", "]", "{", "}", ": ", "- ", "\n", "&a ", "*a", "!!",
		"~", "\"", "::", "/0", "99999", "wan", "\xff", ", ", "#", "ports", "  "};
	size_t at = next_random(x) % len, from = next_random(x) % len;
	size_t n = 1 + next_random(x) % 16;
	const char *word = words[next_random(x) % N(words)];

	n = n > len - at ? len - at : n;
	n = n > len - from ? len - from : n;
	switch (next_random(x) % 4) {
	case 0:
		s[at] = (char)next_random(x);
		break;
	case 1:
		memmove(s + at, s + from, n);
		break;
	case 2:
		memmove(s + at, s + at + n, len - at - n);
		return len - n;
	default:
		n = strlen(word) > len - at ? len - at : strlen(word);
		memcpy(s + at, word, n);
		break;
	}
	return len;
}

static void
damaged_files(void **state)
{
	static struct config c;
	static char sample[8192];
	unsigned int refused = 0, accepted = 0;
	uint32_t x = 64;

	for (size_t i = 0; i < N(files); i++) {
		size_t sample_len = read_sample(files[i], sample, sizeof(sample));

		for (unsigned int k = 0; k < COPIES; k++) {
			size_t len = sample_len, said = 0;
			char *text = NULL, *copy = malloc(len); // exact, for ASan
			FILE *f = open_memstream(&text, &said);
			int rc;

			assert_non_null(copy);
			memcpy(copy, sample, len);
			for (unsigned int m = next_random(&x) % 4 + 1; m > 0 && len > 32; m--)
				len = mutate(copy, len, &x);
			copy = realloc(copy, len);
			rc = config_load_text("t.yaml", copy, len, &c, f);
			fclose(f);
			assert_true(rc == 0 || rc == -EINVAL);
			assert_int_equal(rc == 0, said == 0);
			refused += rc != 0;
			accepted += rc == 0;
			free(text);
			free(copy);
		}
	}
	// Changes in comments do no harm, those elsewhere mostly do.
	assert_true(refused > COPIES && accepted > COPIES / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
