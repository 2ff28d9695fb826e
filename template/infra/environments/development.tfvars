# Yours: given once, an update never touches it. What every environment shares is an answer.
environment = "development"
