/*
 *     zone_read -> read_header, read_block -> zone_rule_read
 *     zone_moment -> zone_ahead -> zone_rule_ahead
 */
#include "agent/base/zone.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/zone_rule.h"

enum {
	HEADER_SIZE = 44,
	TYPE_SIZE = 6,
	TIMES_MAX = 10000,
	AHEAD_MAX = 26 * 3600, /* RFC 8536, 3.2 */
	RULE_MAX = 256,
};

#define DAY_MS (INT64_C(24) * 3600 * 1000)

struct zone {
	int64_t *at; /* seconds: from then on ... */
	int64_t *ahead; /* ... so many */
	size_t n;
	int64_t first_ahead; /* before all of them */
	struct zone_rule rule; /* after all of them */
	bool has_rule;
};

struct block {
	unsigned version;
	size_t n_utc, n_std, n_leap, n_time, n_type, n_char;
	size_t time_size;
};

static uint64_t
big_endian(const unsigned char *bytes, size_t size)
{
	uint64_t number = 0;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

static int64_t
time_at(const unsigned char *bytes, size_t size)
{
	uint64_t number = big_endian(bytes, size);
	return size == 4 ? (int32_t)(uint32_t)number : (int64_t)number;
}

static bool
read_header(const unsigned char *bytes, size_t len, struct block *block)
{
	if (len < HEADER_SIZE || memcmp(bytes, "TZif", 4) != 0)
		return false;
	*block = (struct block){
		.version = bytes[4],
		.n_utc = big_endian(bytes + 20, 4),
		.n_std = big_endian(bytes + 24, 4),
		.n_leap = big_endian(bytes + 28, 4),
		.n_time = big_endian(bytes + 32, 4),
		.n_type = big_endian(bytes + 36, 4),
		.n_char = big_endian(bytes + 40, 4),
		.time_size = 4,
	};
	return block->n_time <= TIMES_MAX && block->n_type > 0
		&& block->n_type <= 256 && block->n_char <= TIMES_MAX
		&& block->n_utc <= 256 && block->n_std <= 256
		&& block->n_leap == 0;
}

static size_t
size_of(const struct block *block)
{
	return block->n_time * (block->time_size + 1)
		+ block->n_type * TYPE_SIZE + block->n_char + block->n_std
		+ block->n_utc;
}

static bool
read_block(const unsigned char *bytes, const struct block *block,
	struct arena *arena, struct zone *zone)
{
	const unsigned char *types = bytes + block->n_time * block->time_size;
	const unsigned char *infos = types + block->n_time;
	zone->n = block->n_time;
	zone->at = arena_alloc(arena, (zone->n + 1) * sizeof(*zone->at));
	zone->ahead = arena_alloc(arena, (zone->n + 1) * sizeof(*zone->ahead));
	zone->first_ahead = time_at(infos, 4);
	for (size_t i = 0; i < zone->n; i++) {
		if (types[i] >= block->n_type)
			return false;
		zone->at[i] =
			time_at(bytes + i * block->time_size, block->time_size);
		zone->ahead[i] =
			time_at(infos + (size_t)types[i] * TYPE_SIZE, 4);
		if (zone->ahead[i] > AHEAD_MAX || zone->ahead[i] < -AHEAD_MAX
			|| (i > 0 && zone->at[i] <= zone->at[i - 1]))
			return false;
	}
	return true;
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n" */
static bool
read_footer(const unsigned char *bytes, size_t len, struct zone *zone)
{
	char text[RULE_MAX];
	const unsigned char *end =
		len > 1 ? memchr(bytes + 1, '\n', len - 1) : NULL;
	if (!end || bytes[0] != '\n')
		return false;
	size_t size = (size_t)(end - bytes) - 1;
	if (size == 0)
		return true;
	if (size >= sizeof(text) || memchr(bytes + 1, '\0', size))
		return false;
	memcpy(text, bytes + 1, size);
	text[size] = '\0';
	zone->has_rule = zone_rule_read(text, &zone->rule);
	return zone->has_rule;
}

static bool
read_all(const unsigned char *bytes, size_t len, struct arena *arena,
	struct zone *zone)
{
	struct block block;
	if (!read_header(bytes, len, &block)
		|| len - HEADER_SIZE < size_of(&block))
		return false;
	bytes += HEADER_SIZE, len -= HEADER_SIZE;
	if (block.version == 0)
		return read_block(bytes, &block, arena, zone);

	bytes += size_of(&block), len -= size_of(&block);
	if (!read_header(bytes, len, &block))
		return false;
	bytes += HEADER_SIZE, len -= HEADER_SIZE;
	block.time_size = 8;
	if (len < size_of(&block) || !read_block(bytes, &block, arena, zone))
		return false;
	return read_footer(
		bytes + size_of(&block), len - size_of(&block), zone);
}

const struct zone *
zone_read(const void *bytes, size_t len, struct arena *arena, struct err *err)
{
	struct zone *zone = arena_alloc(arena, sizeof(*zone));
	if (read_all(bytes, len, arena, zone))
		return zone;
	err_set(err, "it is no time zone as zic(8) compiles them");
	return NULL;
}

const struct zone *
zone_fixed(int64_t ahead_ms, struct arena *arena)
{
	struct zone *zone = arena_alloc(arena, sizeof(*zone));
	zone->first_ahead = ahead_ms / 1000;
	return zone;
}

/* Rounded down, also before 1970. */
static int64_t
seconds_of(int64_t ms)
{
	return ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
}

int64_t
zone_ahead(const struct zone *zone, int64_t wall_ms)
{
	int64_t at = seconds_of(wall_ms);
	if (!zone)
		return 0;
	if (zone->has_rule && (zone->n == 0 || at >= zone->at[zone->n - 1]))
		return zone_rule_ahead(&zone->rule, at) * 1000;
	size_t low = 0;
	size_t high = zone->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (zone->at[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return (low > 0 ? zone->ahead[low - 1] : zone->first_ahead) * 1000;
}

int64_t
zone_moment(const struct zone *zone, int64_t local_ms)
{
	int64_t before = zone_ahead(zone, local_ms - DAY_MS);
	int64_t after = zone_ahead(zone, local_ms + DAY_MS);
	bool is_before = zone_ahead(zone, local_ms - before) == before;
	bool is_after = zone_ahead(zone, local_ms - after) == after;
	return local_ms - (is_before || !is_after ? before : after);
}
