package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// followed follows a journal, and runs what is next at each look. The last of it ends it.
func followed(t *testing.T, j *Journal, f Filter, after string, next ...func()) (ids []string, err error) {
	t.Helper()
	over := errors.New("over")
	err = j.Follow(t.Context(), f, after, func(context.Context) error {
		if len(next) == 0 {
			return over
		}
		next[0]()
		next = next[1:]
		return nil
	}, func(d *record.Delivery) error {
		ids = append(ids, d.ID)
		return nil
	})
	if errors.Is(err, over) {
		err = nil
	}
	return ids, err
}

func TestFollow(t *testing.T) {
	t.Parallel()
	writer := openTest(t, Options{})
	old := appendTest(t, writer, delivery(time.Now(), ""))
	j := openAt(t, writer.Path(), Options{ReadOnly: true})
	var want []string
	add := func(typ string) {
		d := delivery(time.Now(), "")
		d.EventType = typ
		if appendTest(t, writer, d); typ == "card.activated" {
			want = append(want, d.ID)
		}
	}
	ids, err := followed(t, j, Filter{Types: []string{"card.*"}}, old.ID, func() {}, func() {
		add("card.activated")
		add("kyc.done")
		add("card.activated")
	}, func() {}, func() { add("kyc.done") }, func() { add("card.activated") })
	if err != nil || len(ids) != 3 || ids[0] != want[0] || ids[1] != want[1] || ids[2] != want[2] {
		t.Errorf("%v, want %v, %v", ids, want, err)
	}
}

// TestFollowFindsOutThatTheFileIsAnother has the file removed, replaced, and made only after following began.
func TestFollowFindsOutThatTheFileIsAnother(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(path string) error{
		"removed":  os.Remove,
		"replaced": func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			writer := openTest(t, Options{})
			appendTest(t, writer, delivery(time.Now(), ""))
			if err := writer.Close(); err != nil {
				t.Fatal(err)
			}
			j := openAt(t, writer.Path(), Options{ReadOnly: true})
			_, err := followed(t, j, Filter{}, "", func() {
				if err := replace(j.Path()); err != nil {
					t.Error(err)
				}
			})
			if !errors.Is(err, ErrReplaced) {
				t.Errorf("got %v", err)
			}
		})
	}
	none := openAt(t, filepath.Join(t.TempDir(), "journal.db"), Options{ReadOnly: true})
	_, err := followed(t, none, Filter{}, "", func() {}, func() { openAt(t, none.Path(), Options{}) })
	if !errors.Is(err, ErrReplaced) {
		t.Errorf("made meanwhile: %v", err)
	}
}
