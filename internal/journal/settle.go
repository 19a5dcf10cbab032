package journal

// Whether what a duplicate repeats was answered. A second delivery of an event may be recorded while the first is still being
// answered, so that is settled once the answer is recorded.

import "context"

const settleDuplicate = `UPDATE deliveries SET duplicate_answered = 1
	WHERE id = ? AND duplicate_answered = 0 AND EXISTS (SELECT 1 FROM deliveries AS first WHERE first.id = deliveries.duplicate_of AND
		(first.answer BETWEEN 200 AND 299 OR EXISTS (SELECT 1 FROM attempts WHERE delivery = first.id AND answer BETWEEN 200 AND 299)))`

// SettleDuplicates marks the duplicates whose first delivery has been answered 2xx by now, and returns how many it marked. It
// skips ids that are not duplicates. It fails with a storage fault.
func (j *Journal) SettleDuplicates(ctx context.Context, ids []string) (int, error) {
	marked := int64(0)
	err := j.do(ctx, func(w *writer) error {
		return w.transact(ctx, w.tuning.stepWait, func() error {
			marked = 0
			for _, text := range ids {
				id, ok := parseID(text)
				if !ok {
					continue
				}
				res, err := w.conn.ExecContext(ctx, settleDuplicate, id)
				if err != nil {
					return err
				}
				n, err := res.RowsAffected()
				if err != nil {
					return err
				}
				marked += n
			}
			return nil
		})
	})
	return int(marked), err
}
