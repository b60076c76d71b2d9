/*
 * What people ordered and what still holds: what was removed, what is muted,
 * which incidents somebody looks after; and the record of who ordered it.
 *
 * All of it stands in memory, and the ledger makes it durable together with
 * what it brought about.  Where a function only asks, NULL is allowed for the
 * orders and stands for none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/store/store.h"

struct err;
struct ledger;
struct orders;

enum {
	ORDERS_MAX = 100 * 1000, /* of each kind */
};

/** Both must outlive the orders. */
struct orders *orders_new(struct store *store, struct ledger *ledger);

/** NULL is allowed and does nothing. */
void orders_free(struct orders *orders);

/** Take up what a former process knew. */
bool orders_load(struct orders *orders, struct err *err);

/** NULL when there is none.  Borrowed until it is replaced or dropped. */
const struct store_order *orders_find(const struct orders *orders,
	enum store_order_kind kind, const char *name);

/** In the order in which they were given.  None may be put or dropped
 * meanwhile. */
void orders_each(const struct orders *orders, enum store_order_kind kind,
	store_order_fn *each, void *cookie);

size_t orders_count(const struct orders *orders, enum store_order_kind kind);

/** Insert or replace; it is copied. */
void orders_put(struct orders *orders, const struct store_order *order);

/** Nothing happens when there is none. */
void orders_drop(
	struct orders *orders, enum store_order_kind kind, const char *name);

/** It is not to be looked at, nor told of. */
bool orders_removed(const struct orders *orders, const char *endpoint);

/** People are not told of it: it is muted, or all are. */
bool orders_muted(const struct orders *orders, const char *endpoint);

/** Who looks after the incident; NULL for nobody. */
const struct store_order *orders_taken(
	const struct orders *orders, const char *incident);

/** It is copied, and durable with what it is about. */
void orders_record(struct orders *orders, const struct store_audit *audit);

/** All that was put, dropped and recorded can be relied on. */
bool orders_durable(const struct orders *orders);

/** Changes whenever one is put or dropped. */
uint64_t orders_version(const struct orders *orders);
