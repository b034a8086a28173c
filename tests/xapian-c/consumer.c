/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of somebody else's: it has the installed library and nothing of this tree.  `consumer DIR`. */
#include <stdio.h>
#include <string.h>

#include <xapian-c.h>

static enum status
fill(struct xc_writable *writable, struct error *error)
{
	struct xc_document *doc = NULL;
	enum status status = xc_document_new(&doc, error);

	if (status == STATUS_OK)
		status = xc_document_add_posting(doc, STR("alep"), 1, 1, error);
	if (status == STATUS_OK)
		status = xc_document_set_data(doc, STR("Alep"), error);
	if (status == STATUS_OK)
		status = xc_writable_add_document(writable, doc, NULL, error);
	if (status == STATUS_OK)
		status = xc_writable_commit(writable, error);
	xc_document_free(doc);
	return status;
}

static enum status
ask(struct xc_database *db, struct error *error)
{
	struct xc_enquire *enquire = NULL;
	struct xc_query *query = NULL;
	struct xc_mset *mset = NULL;
	struct str data = STR("");
	enum status status = xc_query_term(STR("alep"), 1, 0, &query, error);

	if (status == STATUS_OK)
		status = xc_enquire_new(db, &enquire, error);
	if (status == STATUS_OK)
		status = xc_enquire_set_query(enquire, query, 0, error);
	if (status == STATUS_OK)
		status = xc_enquire_mset(enquire, 0, 10, 0, &mset, error);
	if (status == STATUS_OK)
		status = xc_mset_data(mset, 0, &data, error);
	if (status == STATUS_OK)
		printf("%.*s\n", STR_FMT(data));
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	xc_query_free(query);
	return status;
}

int
main(int argc, char **argv)
{
	struct xc_writable *writable = NULL;
	struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status;

	if (argc != 2)
		return 2;
	status = xc_writable_open(str_of(argv[1]), XC_DB_CREATE, 0, &writable, &error);
	if (status == STATUS_OK)
		status = fill(writable, &error);
	if (status == STATUS_OK)
		status = ask(xc_writable_database(writable), &error);
	xc_writable_close(writable);
	if (status != STATUS_OK)
		fprintf(stderr, "%s: %s\n", xc_status_name(status), error.message);
	return status == STATUS_OK ? 0 : 1;
}
