package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/droplets-go/droplets/internal/mutate/promises"
)

// numbered is a change with the number that selects it while the tests run, at least 1.
type numbered struct {
	promises.Change
	id int
}

// copiedFile is a file with changed copies of its functions. A function calls its copy if the change is selected, so that one
// binary has many changes.
type copiedFile struct {
	path        string
	packageName string
	source      string
	functions   []*ast.FuncDecl
	copies      []functionCopy
	lines       []copyLine // of the text that was rendered last
}

// copyLine is the line at which the copy of a change begins.
type copyLine struct{ line, id int }

// functionCopy is a changed copy of a function.
type functionCopy struct {
	id   int                  // of the change
	call promises.Replacement // the statement at the beginning of the function
	text string
}

func newCopiedFile(path, source string) (*copiedFile, error) {
	// The positions of the only file in a set are offsets plus one.
	parsed, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f := &copiedFile{path: path, packageName: parsed.Name.Name, source: source}
	for _, decl := range parsed.Decls {
		if function, ok := decl.(*ast.FuncDecl); ok && function.Body != nil {
			f.functions = append(f.functions, function)
		}
	}
	return f, nil
}

func offset(pos token.Pos) int { return int(pos) - 1 }

// add adds a change. It reports false if the change is not in the body of functions that can be copied.
func (f *copiedFile) add(c numbered) bool {
	all, err := c.Replacements(f.source)
	if err != nil {
		return false
	}
	parts := make(map[*ast.FuncDecl][]promises.Replacement)
	for _, r := range all {
		function := f.functionAt(r)
		if function == nil || f.call(function, "x") == "" {
			return false
		}
		parts[function] = append(parts[function], r)
	}
	for function, replacements := range parts {
		name := fmt.Sprintf("mutant%d%s", c.id, function.Name.Name)
		at := offset(function.Body.Lbrace) + 1
		call := fmt.Sprintf(" if mutantIs(%d) { %s }; ", c.id, f.call(function, name))
		f.copies = append(f.copies, functionCopy{c.id, promises.Replacement{Start: at, End: at, New: call}, f.copyOf(function, name, replacements)})
	}
	return true
}

// functionAt returns the function whose body contains a replacement, or nil.
func (f *copiedFile) functionAt(r promises.Replacement) *ast.FuncDecl {
	for _, function := range f.functions {
		if r.Start > offset(function.Body.Lbrace) && r.End <= offset(function.Body.Rbrace) {
			return function
		}
	}
	return nil
}

// copyOf returns the declaration of a function with another name and with replacements in its body.
func (f *copiedFile) copyOf(function *ast.FuncDecl, name string, replacements []promises.Replacement) string {
	start := offset(function.Pos())
	shifted := []promises.Replacement{{Start: offset(function.Name.Pos()) - start, End: offset(function.Name.End()) - start, New: name}}
	for _, r := range replacements {
		shifted = append(shifted, promises.Replacement{Start: r.Start - start, End: r.End - start, New: r.New})
	}
	return promises.Replace(f.source[start:offset(function.End())], shifted)
}

// call returns the statements that call the copy of a function with its arguments and return, or "" if they do not all have
// names.
func (f *copiedFile) call(function *ast.FuncDecl, name string) string {
	callee := name
	if function.Recv != nil {
		receiver := namesOf(function.Recv)
		if len(receiver) != 1 {
			return ""
		}
		callee = receiver[0] + "." + name
	}
	if function.Type.TypeParams != nil {
		callee += "[" + strings.Join(namesOf(function.Type.TypeParams), ", ") + "]"
	}
	arguments := namesOf(function.Type.Params)
	if len(arguments) != function.Type.Params.NumFields() {
		return ""
	}
	call := callee + "(" + strings.Join(arguments, ", ")
	if n := len(function.Type.Params.List); n > 0 {
		if _, variadic := function.Type.Params.List[n-1].Type.(*ast.Ellipsis); variadic {
			call += "..."
		}
	}
	if function.Type.Results == nil {
		return call + "); return"
	}
	return "return " + call + ")"
}

// namesOf returns the names of parameters that are not blank.
func namesOf(fields *ast.FieldList) (names []string) {
	for _, field := range fields.List {
		for _, name := range field.Names {
			if name.Name != "_" {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

// render returns the file with its copies.
func (f *copiedFile) render() string {
	var calls []promises.Replacement
	for _, c := range f.copies {
		calls = append(calls, c.call)
	}
	slices.SortStableFunc(calls, func(a, b promises.Replacement) int { return cmp.Compare(a.Start, b.Start) })
	text := promises.Replace(f.source, calls)
	f.lines = nil
	for _, c := range f.copies {
		f.lines = append(f.lines, copyLine{strings.Count(text, "\n") + 2, c.id})
		text += "\n" + c.text + "\n"
	}
	return text
}

// changeAt returns the number of the change whose copy has a line of the rendered text, or 0.
func (f *copiedFile) changeAt(line int) (id int) {
	for _, c := range f.lines {
		if c.line <= line {
			id = c.id
		}
	}
	return id
}

// remove removes the copies of a change.
func (f *copiedFile) remove(id int) {
	f.copies = slices.DeleteFunc(f.copies, func(c functionCopy) bool { return c.id == id })
}
