#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/histogram.h"

static void
test_parts_of_all(void **unused)
{
	(void)unused;
	struct histogram histogram = { 0 };
	assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
	for (int64_t i = 1; i <= 100000; i++)
		histogram_add(&histogram, i);
	int64_t p50 = histogram_quantile(&histogram, 0.50);
	int64_t p99 = histogram_quantile(&histogram, 0.99);
	assert_in_range(p50, 50000, 51600);
	assert_in_range(p99, 99000, 100000);
	assert_int_equal(histogram_max(&histogram), 100000);
	assert_int_equal(histogram_quantile(&histogram, 1.0), 100000);
	histogram_add(&histogram, -5);
	histogram_add(&histogram, INT64_MAX);
	assert_int_equal(histogram_max(&histogram), INT64_MAX);
	histogram = (struct histogram){ 0 };
	histogram_add(&histogram, 7);
	assert_int_equal(histogram_quantile(&histogram, 0.5), 7);
}

/* How many of the values below are at or below this one, to within 3 %. */
static const struct {
	int64_t value;
	uint64_t count;
} rows[] = {
	{ -1, 0 },
	{ 0, 2 },
	{ 4, 2 },
	{ 5, 3 },
	{ 999, 3 },
	{ 1023, 4 }, /* the largest that is counted with 1000 */
	{ 1000000, 4 },
	{ 1100000, 5 },
	{ INT64_MAX, 6 },
};

static void
test_counts_and_sum(void **unused)
{
	(void)unused;
	struct histogram histogram = { 0 };
	struct histogram all = { 0 };
	assert_int_equal(histogram_count(&histogram), 0);
	assert_int_equal(histogram_sum(&histogram), 0);
	const int64_t values[] = { -7, 0, 5, 1000, 1050000, INT64_C(1) << 50 };
	uint64_t sum = 5 + 1000 + 1050000 + (UINT64_C(1) << 50);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		histogram_add(&histogram, values[i]);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(histogram_count_to(&histogram, rows[i].value),
			rows[i].count);
	assert_int_equal(histogram_count(&histogram), 6);
	assert_int_equal(histogram_sum(&histogram), sum);
	histogram_merge(&all, &histogram);
	histogram_merge(&all, &histogram);
	assert_int_equal(histogram_count(&all), 12);
	assert_int_equal(histogram_sum(&all), sum * 2);
	assert_int_equal(histogram_max(&all), INT64_C(1) << 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_of_all),
		cmocka_unit_test(test_counts_and_sum),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
