package promises

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Entry says how one promise is broken.
type Entry struct {
	// Page and Text select the promise: Text is a part of the text that only this promise of the page has.
	Page, Text string
	// Changes break the promise, each of them by itself.
	Changes []Change
	// Exempt is the reason why no change of the code breaks the promise; empty if there are changes.
	Exempt string
}

func (e Entry) String() string { return e.Page + ": " + e.Text }

// ReadEntries reads a list of entries. An entry is a paragraph:
//
//	README.md: a part of the promise
//	retry.go after func outcomeOf
//	-the old text
//	+the new text
//
// The second line names a file and, if the old text occurs more than once, a text before it that occurs once. Lines with a
// minus and then lines with a plus are one edit; further ones in the same file are made together. Each line with a file
// begins another change of the same promise. Instead of changes an entry can have one line "exempt: the reason". Lines that
// begin with # are comments.
func ReadEntries(file string) ([]Entry, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []Entry
	for paragraph := range strings.SplitSeq(string(text), "\n\n") {
		lines := withoutComments(paragraph)
		if len(lines) == 0 {
			continue
		}
		entry, err := parseEntry(lines)
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, lines[0], err)
		}
		all = append(all, entry)
	}
	return all, nil
}

func withoutComments(paragraph string) (lines []string) {
	for line := range strings.SplitSeq(strings.Trim(paragraph, "\n"), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

func parseEntry(lines []string) (e Entry, err error) {
	var found bool
	if e.Page, e.Text, found = strings.Cut(lines[0], ": "); !found {
		return e, errors.New("the first line must be a page, a colon and a part of the promise")
	}
	for _, line := range lines[1:] {
		reason, exempt := strings.CutPrefix(line, "exempt: ")
		switch {
		case exempt:
			e.Exempt = reason
		case strings.HasPrefix(line, "-") || strings.HasPrefix(line, "+"):
			if len(e.Changes) == 0 {
				return e, errors.New("an edit must come after the name of its file")
			}
			e.Changes[len(e.Changes)-1].addLine(line[:1], line[1:])
		default:
			e.Changes = append(e.Changes, newChange(line))
		}
	}
	if (e.Exempt == "") == (len(e.Changes) == 0) {
		return e, errors.New("it must have changes or the reason of an exemption")
	}
	for _, c := range e.Changes {
		if err := c.check(); err != nil {
			return e, err
		}
	}
	return e, nil
}
