package promises

import (
	"cmp"
	"fmt"
	"slices"
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

// Replacement replaces the bytes of a file from Start to End.
type Replacement struct {
	Start, End int
	New        string
}

// Replacements returns what the change replaces in a file, in the order of the file. It returns an error if an old text is not
// where the change says.
func (c Change) Replacements(source string) ([]Replacement, error) {
	start := 0
	if c.After != "" {
		if n := strings.Count(source, c.After); n != 1 {
			return nil, fmt.Errorf("%s: the text %q occurs %d times instead of once", c.File, c.After, n)
		}
		start = strings.Index(source, c.After)
	}
	var all []Replacement
	for _, e := range c.Edits {
		n := strings.Count(source[start:], e.Old)
		if n == 0 || n > 1 && c.After == "" {
			return nil, fmt.Errorf("%s: the old text %q occurs %d times instead of once", c.File, e.Old, n)
		}
		at := start + strings.Index(source[start:], e.Old)
		all = append(all, Replacement{Start: at, End: at + len(e.Old), New: e.New})
	}
	slices.SortFunc(all, func(a, b Replacement) int { return cmp.Compare(a.Start, b.Start) })
	for i := range all[1:] {
		if all[i].End > all[i+1].Start {
			return nil, fmt.Errorf("%s: the old texts of two edits overlap", c.File)
		}
	}
	return all, nil
}

// Apply returns the file with the change. It returns an error if an old text is not where the change says.
func (c Change) Apply(source string) (string, error) {
	all, err := c.Replacements(source)
	if err != nil {
		return "", err
	}
	return Replace(source, all), nil
}

// Replace returns a file with replacements, which are in the order of the file.
func Replace(source string, all []Replacement) string {
	var changed strings.Builder
	at := 0
	for _, r := range all {
		changed.WriteString(source[at:r.Start] + r.New)
		at = r.End
	}
	return changed.String() + source[at:]
}
