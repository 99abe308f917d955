package promises

import (
	"errors"
	"fmt"
	"strings"
)

// Breakable is a promise with its entry.
type Breakable struct {
	Promise
	Changes []Change
	Exempt  string
}

// Match returns each promise with its entry. The error names each promise without an entry, and each entry that does not
// select one promise that no other entry selects.
func Match(table []Promise, entries []Entry) ([]Breakable, error) {
	var problems []error
	entryOf := make(map[int]Entry)
	for _, e := range entries {
		var selected []int
		for i, p := range table {
			if p.Page == e.Page && strings.Contains(p.Text, e.Text) {
				selected = append(selected, i)
			}
		}
		switch {
		case len(selected) != 1:
			problems = append(problems, fmt.Errorf("the entry %q selects %d promises instead of one", e, len(selected)))
		case entryOf[selected[0]].Page != "":
			problems = append(problems, fmt.Errorf("the promise %q has two entries", table[selected[0]]))
		default:
			entryOf[selected[0]] = e
		}
	}
	all := make([]Breakable, 0, len(table))
	for i, p := range table {
		e, ok := entryOf[i]
		if !ok {
			problems = append(problems, fmt.Errorf("the promise %q has no entry", p))
		}
		all = append(all, Breakable{Promise: p, Changes: e.Changes, Exempt: e.Exempt})
	}
	return all, errors.Join(problems...)
}
