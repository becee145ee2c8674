" Twin, the language of Twinbook.
if exists("b:current_syntax") | finish | endif

syntax keyword twinControl fn if else for in while break continue return try catch
syntax keyword twinOperatorWord and or not
syntax keyword twinConstant true false none
syntax match twinNumber /\%(\k\|[.)\]}]\)\@<!\.\d[0-9_]*\([eE][+-]\=\d\+\)\=/
syntax match twinNumber /\<\(0[xX][0-9a-fA-F_]\+\|0[bB][01_]\+\|0[oO][0-7_]\+\|\d[0-9_]*\(\.\d[0-9_]*\|\.\(\.\|\K\)\@!\|\.\([eE][+-]\=\d\)\@=\)\=\([eE][+-]\=\d\+\)\=\)/
syntax match twinFunction /\<\K\k*\ze *(/
syntax match twinOperator /->\|>>\||>\|\.\.<\|\.\.\.\|[-+*\/%@^<>=!]=\=/
syntax match twinCommand /^\s*%%\=\a\+!\=/
syntax match twinCommand /^\s*??\=\ze[%A-Za-z_]/
syntax match twinShell /^\s*!.*$/
" What stands between the braces of a string.
syntax cluster twinInside contains=twinControl,twinOperatorWord,twinConstant,twinNumber,twinFunction,twinOperator,twinString
syntax match twinEscape /\\\(u{\x\+}\|.\)/ contained
syntax region twinInterpolation matchgroup=twinEscape start=/{/ end=/}/ contained oneline contains=@twinInside,twinFormat,twinBraces
syntax match twinEscape /{{\|}}/ contained
syntax region twinBraces start=/{/ end=/}/ contained transparent oneline contains=@twinInside,twinBraces
syntax match twinFormat /:\(.\=[<>=^]\)\=[-+ ]\=#\=0\=\d*[,_]\=\(\.\d\+\)\=[dfFeEgGsxXbo%]\=\ze}/ contained
syntax region twinString start=/\z(["']\)/ skip=/\\./ end=/\z1/ oneline contains=twinEscape,twinInterpolation
syntax region twinString start=/\z("""\|'''\)/ skip=/\\./ end=/\z1/ contains=twinEscape,twinInterpolation
syntax match twinComment /#.*$/
syntax match twinResult /^#[><].*$/
syntax match twinMarker /^#\s*%%.*$/
syntax region twinText matchgroup=twinMarker start=/^#\s*%%\+\s\+\[\(markdown\|md\)\].*$/ end=/^\ze#\s*%%/ contains=twinHeading,twinTextLine
syntax match twinTextLine /^#.*$/ contained
syntax match twinHeading /^#\s#\+\s.*$/ contained

highlight default link twinControl Keyword
highlight default link twinOperatorWord Operator
highlight default link twinConstant Boolean
highlight default link twinNumber Number
highlight default link twinFunction Function
highlight default link twinOperator Operator
highlight default link twinCommand PreProc
highlight default link twinShell PreProc
highlight default link twinFormat SpecialChar
highlight default link twinTextLine Comment
highlight default link twinHeading Title
highlight default link twinEscape SpecialChar
highlight default link twinString String
highlight default link twinComment Comment
highlight default link twinResult SpecialComment
highlight default link twinMarker Title

let b:current_syntax = "twin"
