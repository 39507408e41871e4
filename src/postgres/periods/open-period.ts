/** The period that is open: it cannot change while this transaction has stock levels in its hands. */
export const OPEN_PERIOD =
  "(select p.id from earmark.periods p where p.opened_at is not null and p.closed_at is null)"
