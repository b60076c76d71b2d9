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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_of_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
