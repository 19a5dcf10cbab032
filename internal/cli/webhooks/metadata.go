package webhooks

// The metadata of a webhook, from flags.

import (
	"encoding/json"
	"maps"

	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
)

type metadataFlags struct {
	pairs []string
	text  string
}

func (m *metadataFlags) bind(fs *pflag.FlagSet) {
	fs.StringArrayVar(&m.pairs, "metadata", nil, "metadata entry `NAME=VALUE`, a string (repeatable)")
	fs.StringVar(&m.text, "metadata-json", "", "all metadata as one JSON `object`")
}

func (m *metadataFlags) given() bool { return len(m.pairs) > 0 || m.text != "" }

// apply returns the new metadata: the JSON object, or else what was there, with the pairs on top.
func (m *metadataFlags) apply(before map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(before))
	maps.Copy(out, before)
	if m.text != "" {
		clear(out)
		if err := json.Unmarshal([]byte(m.text), &out); err != nil || out == nil {
			return nil, fault.Hint(fault.New(fault.Usage, "--metadata-json is no JSON object"), `write it as --metadata-json '{"team":"cards"}'`)
		}
	}
	pairs, err := cmdkit.ParsePairs("--metadata", m.pairs)
	if err != nil {
		return nil, err
	}
	for name, value := range pairs {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fault.New(fault.Usage, "--metadata %s cannot be written as JSON", name)
		}
		out[name] = text
	}
	return out, nil
}
