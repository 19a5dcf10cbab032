package client

// Keys in an answer that should hold none.

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/masking"
)

// hideKey masks the keys in a webhook that was read and not made. An API that sends full keys there would have them printed, logged
// and pasted. Only create and rotate show a key.
func hideKey(w api.Webhook) api.Webhook {
	if !hidden(w.APIKey) {
		w.APIKey = masking.Key(w.APIKey)
	}
	w.Raw = hideKeys(w.Raw)
	return w
}

func hidden(key string) bool { return key == "" || strings.Contains(key, masking.Mask) }

// hideKeys masks the keys in a JSON text and leaves every other byte as it came: the fields that this program does not know
// may be called anything.
func hideKeys(raw json.RawMessage) json.RawMessage {
	h := &hider{dec: json.NewDecoder(bytes.NewReader(raw)), raw: raw}
	if h.value("", false) != nil || h.out == nil {
		return raw
	}
	return append(h.out, raw[h.copied:]...)
}

type hider struct {
	dec    *json.Decoder
	raw    []byte
	out    []byte // what was written, up to copied
	copied int
}

// value reads one value. free says that it is the user's own data, in which any name may mean anything.
func (h *hider) value(name string, free bool) error {
	before := h.dec.InputOffset()
	tok, err := h.dec.Token()
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case json.Delim:
		return h.members(tok == '{', name, free)
	case string:
		if !hidden(tok) && (masking.Known(tok) || !free && masking.Name(name)) {
			return h.replace(before, masking.Key(tok))
		}
	}
	return nil
}

// members reads what an object or a list holds, and its end.
func (h *hider) members(object bool, name string, free bool) error {
	for h.dec.More() {
		if object {
			key, err := h.dec.Token()
			if err != nil {
				return err
			}
			name, _ = key.(string)
		}
		if err := h.value(name, free || name == "metadata"); err != nil {
			return err
		}
	}
	_, err := h.dec.Token()
	return err
}

// replace replaces the string that was just read.
func (h *hider) replace(before int64, text string) error {
	end := int(h.dec.InputOffset())
	start := int(before) + bytes.IndexByte(h.raw[before:end], '"')
	quoted, err := json.Marshal(text)
	h.out = append(append(h.out, h.raw[h.copied:start]...), quoted...)
	h.copied = end
	return err
}
