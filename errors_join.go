package droplets

import (
	"fmt"
	"strings"
)

// joinErrors is like errors.Join, but the text of the result is one line, a single error is returned as it is, and errors that
// were joined before are taken apart.
func joinErrors(errs ...error) error {
	var joined joinedError
	for _, err := range errs {
		if several, ok := err.(joinedError); ok { //nolint:errorlint // a wrapped one belongs to the error around it
			joined = append(joined, several...)
		} else if err != nil {
			joined = append(joined, err)
		}
	}
	switch len(joined) {
	case 0:
		return nil
	case 1:
		return joined[0]
	}
	return joined
}

type joinedError []error

// maxJoinedText is the length in bytes after which the text of a joined error only counts further errors.
const maxJoinedText = 2000

func (e joinedError) Error() string {
	var b strings.Builder
	b.WriteString("droplets: ")
	for i, err := range e {
		if b.Len() > maxJoinedText {
			fmt.Fprintf(&b, "; and %d more", len(e)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(withoutPrefix(err))
	}
	return b.String()
}

func (e joinedError) Unwrap() []error { return e }

// withoutPrefix returns the text of an error without the package name at its beginning, for the text of another error that has
// the name already.
func withoutPrefix(err error) string { return strings.TrimPrefix(err.Error(), "droplets: ") }
