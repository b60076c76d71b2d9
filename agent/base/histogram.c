#include "agent/base/histogram.h"

#include <math.h>
#include <stddef.h>

/*
 * Each power of two is cut into 32 equal parts; below 64, each value has its
 * own count.
 */
enum {
	PARTS_BITS = 5,
	PARTS = 1 << PARTS_BITS,
	VALUE_BITS = 40,
};

static size_t
index_of(int64_t value)
{
	if (value < 0)
		value = 0;
	if (value >= (INT64_C(1) << VALUE_BITS))
		return HISTOGRAM_SIZE - 1;
	unsigned shift = 0;
	while (value >> shift >= (int64_t)PARTS * 2)
		shift++;
	return (size_t)shift * PARTS + (size_t)(value >> shift);
}

/* The largest value that is counted there. */
static int64_t
value_of(size_t index)
{
	if (index < (size_t)PARTS * 2)
		return (int64_t)index;
	size_t shift = index / PARTS - 1;
	int64_t part = (int64_t)(index % PARTS) + PARTS;
	return ((part + 1) << shift) - 1;
}

void
histogram_add(struct histogram *histogram, int64_t value)
{
	atomic_fetch_add_explicit(
		&histogram->counts[index_of(value)], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&histogram->sum,
		value > 0 ? (uint64_t)value : 0, memory_order_relaxed);
	if (value > histogram_max(histogram))
		atomic_store_explicit(
			&histogram->max, value, memory_order_relaxed);
}

void
histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (size_t i = 0; i < HISTOGRAM_SIZE; i++)
		atomic_fetch_add_explicit(&into->counts[i],
			atomic_load_explicit(
				&from->counts[i], memory_order_relaxed),
			memory_order_relaxed);
	atomic_fetch_add_explicit(
		&into->sum, histogram_sum(from), memory_order_relaxed);
	int64_t max = histogram_max(from);
	if (max > histogram_max(into))
		atomic_store_explicit(&into->max, max, memory_order_relaxed);
}

int64_t
histogram_quantile(const struct histogram *histogram, double part)
{
	uint64_t counts[HISTOGRAM_SIZE];
	uint64_t all = 0;
	for (size_t i = 0; i < HISTOGRAM_SIZE; i++) {
		counts[i] = atomic_load_explicit(
			&histogram->counts[i], memory_order_relaxed);
		all += counts[i];
	}
	if (all == 0)
		return 0;
	uint64_t wanted = (uint64_t)ceil((double)all * part);
	size_t i = 0;
	for (uint64_t seen = counts[0]; seen < wanted; seen += counts[i])
		i++;
	/* No part of them can be above the largest. */
	int64_t value = value_of(i);
	int64_t max = histogram_max(histogram);
	return value < max ? value : max;
}

uint64_t
histogram_count_to(const struct histogram *histogram, int64_t value)
{
	uint64_t count = 0;
	for (size_t i = 0; i < HISTOGRAM_SIZE && value_of(i) <= value; i++)
		count += atomic_load_explicit(
			&histogram->counts[i], memory_order_relaxed);
	return count;
}

uint64_t
histogram_count(const struct histogram *histogram)
{
	return histogram_count_to(histogram, INT64_MAX);
}

uint64_t
histogram_sum(const struct histogram *histogram)
{
	return atomic_load_explicit(&histogram->sum, memory_order_relaxed);
}

int64_t
histogram_max(const struct histogram *histogram)
{
	return atomic_load_explicit(&histogram->max, memory_order_relaxed);
}
