"""Tables of text: CSV, TSV, what ``rdsamp`` prints, exports of watches and sensors.

A file is taken apart in this order: `text_dialect` finds what divides its cells, `layout` where
the samples begin, `above` and `preamble` what the lines above them state, `header` the names
and units of the columns, `body` the numbers. `columns` then decides what each column is, with
`clock` for times of day, `counting` and `steps` for the rate that a column of time gives, and
`timing` for what they say together. `orientation` is for tables without names, and `load`
joins it all.
"""
