package droplets

import (
	"fmt"
	"strings"
)

// joinErrors is like errors.Join, but the text of the result is one line. Joined errors are flattened.
func joinErrors(errs ...error) error {
	var joined joinedError
	for _, err := range errs {
		if several, ok := err.(joinedError); ok { //nolint:errorlint // one deeper in belongs to another error
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

// maxJoinedText is the length above which the text of a joined error names no further errors.
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

// withoutPrefix returns the text of an error for use within another error, whose text already begins with the package
// name.
func withoutPrefix(err error) string { return strings.TrimPrefix(err.Error(), "droplets: ") }
