package config

import (
	"errors"
	"os"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// projectLayer reads a project file. It is decoded as anybody's first; only when that is not enough is it looked up
// whether the user trusts it. own is the user's layer or nil. A file that is not the user's is passed over, and notUsed says why.
func (o Options) projectLayer(path string, own *layer) (l *layer, notUsed *files.NotUsedError, err error) {
	f, linked, err := o.readProject(path)
	if notUsed, ok := errors.AsType[*files.NotUsedError](err); ok {
		return nil, notUsed, nil
	}
	if err != nil || f == nil {
		return nil, nil, err
	}
	l, err = f.decode()
	if _, refused := errors.AsType[*notPermittedError](err); refused {
		trusted, trustErr := o.trusts(own, f)
		if trustErr != nil {
			return nil, nil, trustErr
		}
		if trusted {
			f.trusted = true
			l, err = f.decode()
		}
	}
	return l, nil, hideLinked(path, linked, err)
}

// readProject reads a project file as it stands; nil when it has gone meanwhile. linked says that a link stands in its place.
func (o Options) readProject(path string) (f *file, linked bool, err error) {
	f, _, err = readFile(path, func(path string) (*os.File, error) {
		r, err := o.user().Open(path)
		linked = err == nil && r.Name() != path
		return r, ofLink(path, err)
	})
	if f != nil {
		f.project = true
	}
	return f, linked, hideLinked(path, linked, err)
}

// ofLink has what is wrong with the target of a link put right at the link. Nobody should change a file because a checkout
// points to it.
func ofLink(path string, err error) error {
	notUsed, ok := errors.AsType[*files.NotUsedError](err)
	if !ok || notUsed.Path == path {
		return err
	}
	return &files.NotUsedError{
		Path: path, Why: "it is a link to " + notUsed.Path + ": there " + notUsed.Why, Advice: "remove the link", Command: []string{"rm", path},
	}
}

// hideLinked keeps the text of what a link points to out of errors. A checkout can have it point to any file of the user's.
func hideLinked(path string, linked bool, err error) error {
	if _, refused := errors.AsType[*notPermittedError](err); err == nil || !linked || refused {
		return err
	}
	err = fault.New(fault.Usage, "%s is a link to a file that is no project file", fault.Quote(path))
	return fault.Hint(err, "remove the link, or name the file that is meant: --config FILE")
}
