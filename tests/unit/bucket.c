/*
 * Whoever sends as soon as he may never sends more than the limit in any of its
 * windows, whenever that begins, and is not much slower than the limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/rng.h"
#include "agent/judge/bucket.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

enum {
	SENT_MAX = 4000,
};

static int64_t sent[SENT_MAX];
static size_t n_sent;

/* Answered after `delay_ms`, without a word about limits. */
static void
send_for(struct bucket *bucket, int64_t from_ms, int64_t to_ms,
	int64_t delay_ms, const struct bucket_news *news)
{
	int64_t now = from_ms;
	int64_t answer = -1;
	while (now < to_ms && n_sent < SENT_MAX) {
		int64_t due = bucket_due(bucket, now);
		if (due <= now) {
			bucket_take(bucket, now);
			sent[n_sent++] = now;
			if (delay_ms == 0)
				bucket_answered(bucket, news, now);
			else
				answer = now + delay_ms;
		} else if (answer >= 0 && answer <= due) {
			now = answer, answer = -1;
			bucket_answered(bucket, news, now);
		} else {
			now = due;
		}
	}
}

static size_t
most_within(int64_t window_ms)
{
	size_t most = 0;
	size_t first = 0;
	for (size_t i = 0; i < n_sent; i++) {
		while (sent[i] - sent[first] >= window_ms)
			first++;
		if (i - first + 1 > most)
			most = i - first + 1;
	}
	return most;
}

static const struct row {
	int64_t window_ms;
	unsigned count;
	unsigned burst;
} rows[] = {
	{ SECOND, 1, 1 },
	{ MINUTE, 1, 1 },
	{ MINUTE, 2, 1 },
	{ MINUTE, 7, 3 },
	{ MINUTE, 60, 1 },
	{ MINUTE, 48, 9 },
	{ MINUTE, 240, 48 },
	{ MINUTE, 300, 300 },
	{ 10 * SECOND, 5, 5 },
};

static void
test_no_window_has_more_than_the_limit(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct bucket bucket = { 0 };
		n_sent = 0;
		bucket_set(&bucket,
			(struct bucket_limit){
				row->count, row->window_ms, row->burst },
			5 * SECOND);
		int64_t window = row->window_ms;
		send_for(&bucket, 5 * SECOND, 6 * window, 0, NULL);
		send_for(&bucket, 20 * window, 30 * window, 0, NULL);
		assert_true(most_within(window) <= row->count);
		/* And after a rest it is what it may be at once. */
		assert_true(most_within(1) <= row->burst);
	}
}

static void
test_most_of_the_limit_can_be_used(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	n_sent = 0;
	bucket_set(&bucket, bucket_limit_of(300, MINUTE), 0);
	send_for(&bucket, 0, 10 * MINUTE, 0, NULL);
	assert_true(n_sent >= 2400);
}

static void
test_a_fifth_is_left_to_others(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	n_sent = 0;
	bucket_set(&bucket, bucket_limit_within(300, MINUTE), 0);
	send_for(&bucket, MINUTE, 9 * MINUTE, 0, NULL);
	assert_int_equal(most_within(MINUTE), 240);
}

static void
test_begins_with_a_few(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	n_sent = 0;
	bucket_set(&bucket, bucket_limit_of(300, MINUTE), 0);
	send_for(&bucket, 0, 1, 0, NULL);
	assert_int_equal(n_sent, BUCKET_START);
}

/* What came before is among what is not left. */
static void
test_begins_with_all_once_it_is_told(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	struct bucket_news news = {
		.limit = 60, .remaining = 50, .reset_ms = -1
	};
	bucket_set(&bucket, bucket_limit_within(60, MINUTE), 0);
	n_sent = 0;
	send_for(&bucket, 0, 1, 0, &news);
	assert_int_equal(n_sent, 9);
	send_for(&bucket, 1, 3 * MINUTE, 0, &news);
	assert_true(most_within(MINUTE) <= 48);

	bucket = (struct bucket){ 0 };
	news.remaining = 4; /* a reserve */
	bucket_set(&bucket, bucket_limit_within(60, MINUTE), 0);
	n_sent = 0;
	send_for(&bucket, 0, 1, 0, &news);
	assert_int_equal(n_sent, 1);
}

static void
test_one_at_a_time_counts_from_the_answer(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	n_sent = 0;
	bucket_set(&bucket, (struct bucket_limit){ 60, MINUTE, 1 }, 0);
	send_for(&bucket, 0, 20 * SECOND, 700, NULL);
	for (size_t i = 1; i < n_sent; i++)
		assert_int_equal(sent[i] - sent[i - 1], 1700);
	assert_int_equal(n_sent, 12);
}

static void
test_no_limit_is_none(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(bucket_due(&bucket, 7), 7);
		bucket_take(&bucket, 7);
	}
	bucket_set(&bucket, (struct bucket_limit){ 0 }, 7);
	assert_int_equal(bucket_due(&bucket, 7), 7);
}

static void
test_what_is_left_is_not_overdrawn(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	struct bucket_news news = { 300, 40, -1 };
	bucket_set(&bucket, bucket_limit_within(300, MINUTE), 0);
	bucket_take(&bucket, 10 * MINUTE);
	bucket_answered(&bucket, &news, 10 * MINUTE);
	n_sent = 0;
	send_for(&bucket, 10 * MINUTE, 10 * MINUTE + 59 * SECOND, 100, NULL);
	/* 40 without the tenth of ours that is kept back. */
	assert_int_equal(n_sent, 16);
	/* By then its window is another. */
	assert_int_equal(
		bucket_due(&bucket, 10 * MINUTE + 59 * SECOND), 11 * MINUTE);
	assert_int_equal(bucket_due(&bucket, 11 * MINUTE), 11 * MINUTE);
}

static void
test_reset_ends_the_wait(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	struct bucket_news news = { 300, 0, 7 * SECOND };
	bucket_set(&bucket, bucket_limit_within(300, MINUTE), 0);
	bucket_take(&bucket, MINUTE);
	bucket_answered(&bucket, &news, MINUTE);
	assert_int_equal(bucket_due(&bucket, MINUTE), MINUTE + 7 * SECOND);

	/* Also where nothing was known of a limit. */
	struct bucket other = { 0 };
	bucket_take(&other, MINUTE);
	bucket_answered(&other, &news, MINUTE);
	assert_int_equal(bucket_due(&other, MINUTE), MINUTE + 7 * SECOND);
}

static void
test_what_is_on_its_way_counts(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	struct bucket_news news = { 300, 26, -1 };
	bucket_set(&bucket, bucket_limit_within(300, MINUTE), 0);
	for (int i = 0; i < 3; i++)
		bucket_take(&bucket, MINUTE);
	bucket_answered(&bucket, &news, MINUTE); /* 26 - 24 - 2 */
	assert_true(bucket_due(&bucket, MINUTE) > MINUTE);
	bucket_answered(&bucket, &news, MINUTE);
	assert_int_equal(bucket_due(&bucket, MINUTE), MINUTE);
}

static void
test_another_limit_keeps_what_was_spent(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	bucket_set(&bucket, bucket_limit_within(60, MINUTE), 0);
	for (int i = 0; i < BUCKET_START; i++)
		bucket_take(&bucket, 0);
	assert_true(bucket_due(&bucket, 0) > 0);
	bucket_set(&bucket, bucket_limit_within(300, MINUTE), 0);
	int64_t due = bucket_due(&bucket, 0);
	assert_in_range(due, 250, 350);
}

static void
test_the_least_of_two(void **unused)
{
	(void)unused;
	struct bucket_limit none = { 0 };
	struct bucket_limit slow = { 1, SECOND, 1 };
	struct bucket_limit fast = { 61, MINUTE, 1 };
	assert_int_equal(bucket_limit_least(none, slow).count, 1);
	assert_int_equal(bucket_limit_least(slow, none).count, 1);
	assert_int_equal(bucket_limit_least(slow, fast).count, 1);
	assert_int_equal(bucket_limit_least(fast, slow).count, 1);
}

/* Other users have left little: what is urgent need not wait for the end of a
 * window that may have just begun. */
static void
test_reserve_is_used_sparingly(void **unused)
{
	(void)unused;
	struct bucket bucket = { 0 };
	bucket_set(&bucket, bucket_limit_within(300, MINUTE), 0);
	unsigned used = 0;
	unsigned late = 0;
	int64_t begin = 10 * MINUTE;
	for (int64_t now = begin; now < begin + MINUTE; now += 100) {
		if (bucket_due(&bucket, now) > now)
			continue;
		if (used == 1)
			late = (unsigned)(now - begin);
		bucket_take(&bucket, now);
		if (used > 0) /* one by one */
			assert_true(bucket_due(&bucket, now) > now);
		struct bucket_news news = { 300, 20 - ++used, -1 };
		bucket_answered(&bucket, &news, now);
	}
	assert_in_range(late, 1 * SECOND, 5 * SECOND);
	assert_in_range(used, 8, 18);

	/* The last ones are left alone, and plenty is plenty. */
	struct bucket_news none = { 300, 2, -1 };
	bucket_take(&bucket, 20 * MINUTE);
	bucket_answered(&bucket, &none, 20 * MINUTE);
	assert_int_equal(bucket_due(&bucket, 20 * MINUTE), 21 * MINUTE);
	struct bucket_news plenty = { 300, 200, -1 };
	bucket_take(&bucket, 21 * MINUTE);
	bucket_answered(&bucket, &plenty, 21 * MINUTE);
	bucket_take(&bucket, 21 * MINUTE);
	assert_int_equal(bucket_due(&bucket, 21 * MINUTE), 21 * MINUTE);
}

/* Two agents and a server whose windows begin with the first request. */
static void
test_two_that_share_a_limit_stay_within(void **unused)
{
	(void)unused;
	struct rng rng;
	rng_seed(&rng, 7);
	struct bucket buckets[2];
	memset(buckets, 0, sizeof(buckets));
	int64_t window = -MINUTE;
	unsigned count = 0;
	unsigned over = 0;
	unsigned total = 0;
	for (int64_t now = 0; now < 30 * MINUTE; now += 20) {
		struct bucket *bucket = &buckets[rng_below(&rng, 2)];
		bucket_set(bucket, bucket_limit_within(60, MINUTE), now);
		if (bucket_due(bucket, now) > now)
			continue;
		if (now - window >= MINUTE)
			window = now, count = 0;
		over += ++count > 60;
		total++;
		struct bucket_news news = { 60, count > 60 ? 0 : 60 - count,
			-1 };
		bucket_take(bucket, now);
		bucket_answered(bucket, &news, now);
	}
	assert_int_equal(over, 0);
	assert_true(total > 30 * 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_window_has_more_than_the_limit),
		cmocka_unit_test(test_most_of_the_limit_can_be_used),
		cmocka_unit_test(test_a_fifth_is_left_to_others),
		cmocka_unit_test(test_begins_with_a_few),
		cmocka_unit_test(test_begins_with_all_once_it_is_told),
		cmocka_unit_test(test_one_at_a_time_counts_from_the_answer),
		cmocka_unit_test(test_no_limit_is_none),
		cmocka_unit_test(test_what_is_left_is_not_overdrawn),
		cmocka_unit_test(test_reset_ends_the_wait),
		cmocka_unit_test(test_what_is_on_its_way_counts),
		cmocka_unit_test(test_another_limit_keeps_what_was_spent),
		cmocka_unit_test(test_the_least_of_two),
		cmocka_unit_test(test_reserve_is_used_sparingly),
		cmocka_unit_test(test_two_that_share_a_limit_stay_within),
	};
	return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}
