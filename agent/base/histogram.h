/*
 * How often which length of time occurred, to within some three percent, in
 * fixed memory.  One thread adds while others read.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum {
	HISTOGRAM_SIZE = 1152, /* up to 2^40 */
};

/** A zeroed one is empty. */
struct histogram {
	_Atomic uint64_t counts[HISTOGRAM_SIZE];
	_Atomic int64_t max;
	_Atomic uint64_t sum;
};

/** What is negative counts as 0. */
void histogram_add(struct histogram *histogram, int64_t value);

/** What is in `from` is in `into` as well. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/**
 * The value that the given part (0.99) of all stays at or below; 0 when there
 * is none.
 */
int64_t histogram_quantile(const struct histogram *histogram, double part);

/** How many there are, and how many of them at or below `value`. */
uint64_t histogram_count(const struct histogram *histogram);
uint64_t histogram_count_to(const struct histogram *histogram, int64_t value);

/** Exactly all of them together. */
uint64_t histogram_sum(const struct histogram *histogram);

/** Exactly the largest that was added; 0 when there is none. */
int64_t histogram_max(const struct histogram *histogram);
