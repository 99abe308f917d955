package promises

import (
	"errors"
	"fmt"
	"strings"
)

// Change is a change of one file.
type Change struct {
	// File is the path of the file, relative to the top of the repository.
	File string
	// After is a text that occurs once in the file and comes before the edits; empty if their old texts occur once.
	After string
	// Edits are made together.
	Edits []Edit
}

// Edit replaces a text.
type Edit struct{ Old, New string }

func newChange(line string) Change {
	file, after, _ := strings.Cut(line, " after ")
	return Change{File: file, After: after}
}

// addLine adds a line of an old text (the mark is a minus) or of a new text (a plus).
func (c *Change) addLine(mark, line string) {
	last := len(c.Edits) - 1
	if mark == "-" && (last < 0 || strings.HasSuffix(c.Edits[last].New, "\n")) {
		c.Edits = append(c.Edits, Edit{})
		last++
	}
	switch {
	case mark == "-":
		c.Edits[last].Old += line + "\n"
	case last < 0:
		c.Edits = append(c.Edits, Edit{New: line + "\n"})
	default:
		c.Edits[last].New += line + "\n"
	}
}

// check reports what is missing, and removes the line break after the last line of each text.
func (c *Change) check() error {
	if len(c.Edits) == 0 {
		return fmt.Errorf("%s: it has no edit", c.File)
	}
	for i := range c.Edits {
		e := &c.Edits[i]
		if e.Old == "" || e.New == "" {
			return fmt.Errorf("%s: an edit must have lines with a minus and then lines with a plus", c.File)
		}
		e.Old, e.New = strings.TrimSuffix(e.Old, "\n"), strings.TrimSuffix(e.New, "\n")
		if e.Old == e.New {
			return fmt.Errorf("%s: an edit changes nothing: %q", c.File, e.Old)
		}
	}
	return nil
}

// Apply returns the file with the change. It returns an error if an old text is not where the change says.
func (c Change) Apply(source string) (string, error) {
	start := 0
	if c.After != "" {
		if n := strings.Count(source, c.After); n != 1 {
			return "", fmt.Errorf("%s: the text %q occurs %d times instead of once", c.File, c.After, n)
		}
		start = strings.Index(source, c.After)
	}
	before, rest := source[:start], source[start:]
	for _, e := range c.Edits {
		n := strings.Count(rest, e.Old)
		if n == 0 || n > 1 && c.After == "" {
			return "", fmt.Errorf("%s: the old text %q occurs %d times instead of once", c.File, e.Old, n)
		}
		rest = strings.Replace(rest, e.Old, e.New, 1)
	}
	if before+rest == source {
		return "", errors.New(c.File + ": the change has no effect")
	}
	return before + rest, nil
}
