package journal

// Diagnoses: recorded when they are made, and read again.

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign/explain"
)

const insertDiagnosis = "INSERT OR REPLACE INTO diagnoses (delivery, found) VALUES (?, ?)"

// found is how a diagnosis stands in the file.
type found struct {
	Findings []explain.Finding `json:"findings"`
	Tried    int               `json:"tried"`
	Elapsed  time.Duration     `json:"elapsed"` // nanoseconds
	CutOff   bool              `json:"cutOff"`
	Steps    explain.Steps     `json:"steps,omitempty"`
	Next     string            `json:"next,omitempty"` // what earlier builds wrote in place of Steps
}

// AppendDiagnosis records the diagnosis of a delivery, in place of an earlier one, and returns once it is durable. It fails with
// a storage fault.
func (j *Journal) AppendDiagnosis(ctx context.Context, d *record.Diagnosis) error {
	delivery, ok := parseID(d.DeliveryID)
	if !ok {
		return fault.New(fault.Internal, "a diagnosis of no recorded delivery (%q)", d.DeliveryID)
	}
	text, err := json.Marshal(found{d.Findings, d.Tried, d.Elapsed, d.CutOff, d.Next, ""})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "a diagnosis")
	}
	return j.submit(ctx, &op{
		doing: "record the diagnosis", size: int64(len(text) + 50),
		write: func(ctx context.Context, c *commit) error {
			return c.w.insertDiagnosis.exec(ctx, delivery, string(text))
		},
	})
}

// Diagnosis gives the diagnosis that was made when the delivery came; false when there is none.
func (j *Journal) Diagnosis(ctx context.Context, deliveryID string) (record.Diagnosis, bool, error) {
	d := record.Diagnosis{DeliveryID: deliveryID}
	delivery, ok := parseID(deliveryID)
	if !ok {
		return d, false, notFound(deliveryID, "")
	}
	format, err := j.format(ctx)
	if err != nil || format < 2 { // a file of format 1 has no such table
		return d, false, err
	}
	has := false
	err = j.query(ctx, "SELECT found FROM diagnoses WHERE delivery = ?", []any{delivery}, func(rows *sql.Rows) (bool, error) {
		var text string
		if err := rows.Scan(&text); err != nil {
			return false, err
		}
		var f found
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return false, fmt.Errorf("diagnosis of %s: %w: %w", deliveryID, errRow, err)
		}
		has = true
		if f.Steps == nil && f.Next != "" {
			f.Steps = explain.Steps{{Text: f.Next}}
		}
		d.Findings, d.Tried, d.Elapsed, d.CutOff, d.Next = f.Findings, f.Tried, f.Elapsed, f.CutOff, f.Steps
		return false, nil
	})
	return d, has, err
}
