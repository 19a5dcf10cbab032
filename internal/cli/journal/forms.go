package journal

// The forms of an export, on standard output or in a folder.

import (
	"fmt"
	"io"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// curlScript is the name of the file with all commands.
const curlScript = "curl.sh"

// write writes the deliveries that walk gives.
func (o *exportOptions) write(walk func(adder) error) error {
	switch o.format {
	case asCurl:
		return o.stream(curlScript, func(t *term.IO) error { return o.curl(t, walk) })
	case asHAR:
		return o.stream("deliveries.har", func(t *term.IO) error { return o.har(t, walk) })
	case asHTTP:
		return walk(o.request)
	case asFiles:
		return walk(o.files)
	default:
		return o.stream("deliveries.jsonl", func(t *term.IO) error {
			line := render.Output{Format: render.FormatJSON, JQ: o.env.Globals.JQ}
			return walk(func(d *record.Delivery, attempts []record.Attempt) error {
				return line.Value(t, render.ExportJSON(*d, attempts), nil)
			})
		})
	}
}

// stream writes to standard output, or with --out to a file of this name.
func (o *exportOptions) stream(name string, write func(*term.IO) error) error {
	if o.folder == nil {
		return write(o.env.IO)
	}
	return o.folder.Write(name, func(w io.Writer) error { return write(&term.IO{Out: w}) })
}

// origin is the scheme, host and port that a delivery came to, as its sender knew it.
func origin(d *record.Delivery) string {
	if d.PublicURL != "" {
		return d.PublicURL
	}
	if text := "http://" + d.Host; d.Host != "" {
		if u, err := netname.ParseURL(text); err == nil && u.Host == d.Host {
			return text
		}
	}
	return "http://localhost"
}

func (o *exportOptions) har(t *term.IO, walk func(adder) error) error {
	h, err := render.NewHAR(t, o.env.Version)
	if err != nil {
		return err
	}
	if err := walk(func(d *record.Delivery, attempts []record.Attempt) error { return h.Add(d, attempts, origin(d)) }); err != nil {
		return err
	}
	return h.Close() // the document is whole also where not every delivery could be read
}

// curl writes commands. On a terminal one that holds what a terminal does not show as it is would not be copied as it is.
func (o *exportOptions) curl(t *term.IO, walk func(adder) error) error {
	if o.folder != nil {
		if _, err := io.WriteString(t.Out, "#!/bin/sh\n# Sends the deliveries of this folder again, one after the other.\ncd \"$(dirname \"$0\")\" || exit\n"); err != nil {
			return err
		}
	}
	return walk(func(d *record.Delivery, _ []record.Attempt) error {
		path := masking.RequestTarget(d.Path)
		to := render.CurlTo{Origin: origin(d), Target: path}
		if o.to != "" {
			to.Origin = o.target.Origin()
			to.Target = strings.TrimPrefix(o.target.Address(path), to.Origin)
		}
		if o.folder != nil && len(d.Body) > 0 {
			to.File = d.ID + ".body"
			if err := o.folder.Write(to.File, bytesOf(d.Body)); err != nil {
				return err
			}
		}
		text := render.Curl(d, to)
		if t.OutTTY() && term.CleanLines(text) != text {
			return fault.Hint(fault.New(fault.Usage, "the command for %s holds what a terminal does not show as it is", d.ID), "write it to a file: %s > delivery.sh",
				fault.Command("whctl journal export", d.ID).Flag("--format", asCurl))
		}
		_, err := io.WriteString(t.Out, text)
		return err
	})
}

func bytesOf(b ...[]byte) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, part := range b {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return nil
	}
}

// request writes a raw request.
func (o *exportOptions) request(d *record.Delivery, _ []record.Attempt) error {
	write := bytesOf(render.RequestHead(d), d.Body)
	if o.folder == nil {
		return write(o.env.IO.Out)
	}
	return o.folder.Write(d.ID+".http", write)
}

// files writes a folder.
func (o *exportOptions) files(d *record.Delivery, attempts []record.Attempt) (err error) {
	f, err := o.folder.Folder(d.ID)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := writeAll(f, map[string][]byte{"request": render.RequestHead(d), "body": d.Body}); err != nil {
		return err
	}
	for i := range attempts {
		a := &attempts[i]
		if a.Status == 0 {
			continue // why there was no answer stands in delivery.json
		}
		name := fmt.Sprintf("answer-%d", i+1)
		if err := writeAll(f, map[string][]byte{name: render.AnswerHead(a), name + ".body": a.Body}); err != nil {
			return err
		}
	}
	return f.Write("delivery.json", func(w io.Writer) error { return render.JSON(&term.IO{Out: w}, render.ExportJSON(*d, attempts)) })
}

func writeAll(f *files.Fresh, content map[string][]byte) error {
	for name, b := range content {
		if err := f.Write(name, bytesOf(b)); err != nil {
			return err
		}
	}
	return nil
}
