package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// parseConstants returns the values of the constants of each string type in a package.
func parseConstants(dir string) (map[string][]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	c := constantFinder{byName: make(map[string]string), types: make(map[string]string)}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(parsed, c.visit)
	}
	out := make(map[string][]string)
	for name, typ := range c.types {
		out[typ] = append(out[typ], c.value(name))
	}
	return out, nil
}

// constantFinder collects constants whose value is a string literal or another constant.
type constantFinder struct {
	byName map[string]string // the value in the source, by name: a literal or the name of another constant
	types  map[string]string // the declared type, by name
}

func (c constantFinder) visit(n ast.Node) bool {
	decl, ok := n.(*ast.GenDecl)
	if !ok || decl.Tok != token.CONST {
		return true
	}
	for _, s := range decl.Specs {
		spec, ok := s.(*ast.ValueSpec)
		if !ok || len(spec.Names) != len(spec.Values) {
			continue
		}
		for i, name := range spec.Names {
			switch value := spec.Values[i].(type) {
			case *ast.BasicLit:
				c.byName[name.Name] = value.Value
			case *ast.Ident:
				c.byName[name.Name] = value.Name
			}
			if typ, ok := spec.Type.(*ast.Ident); ok {
				c.types[name.Name] = typ.Name
			}
		}
	}
	return true
}

// value returns the value of a constant; empty if it is not a string.
func (c constantFinder) value(name string) string {
	for range 10 { // follow constants that are defined by others
		source := c.byName[name]
		if text, err := strconv.Unquote(source); err == nil {
			return text
		}
		name = source
	}
	return ""
}
