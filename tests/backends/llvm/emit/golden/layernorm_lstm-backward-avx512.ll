
declare void @gw.barrier(ptr, i32)
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)

define internal void @copy(ptr %to, ptr %from, i64 %n) nounwind {
entry:
  %v1 = sdiv i64 %n, 16
  br label %head2
head2:
  %v3 = phi i64 [ 0, %entry ], [ %v4, %body2 ]
  %v5 = icmp slt i64 %v3, %v1
  br i1 %v5, label %body2, label %done2
body2:
  %v6 = mul i64 %v3, 16
  %v7 = getelementptr inbounds float, ptr %from, i64 %v6
  %v8 = load <16 x float>, ptr %v7, align 4
  %v9 = getelementptr inbounds float, ptr %to, i64 %v6
  store <16 x float> %v8, ptr %v9, align 4
  %v4 = add nuw nsw i64 %v3, 1
  br label %head2
done2:
  %v10 = mul i64 %v1, 16
  %v11 = sub i64 %n, %v10
  br label %head12
head12:
  %v13 = phi i64 [ 0, %done2 ], [ %v14, %body12 ]
  %v15 = icmp slt i64 %v13, %v11
  br i1 %v15, label %body12, label %done12
body12:
  %v16 = add i64 %v10, %v13
  %v17 = getelementptr inbounds float, ptr %from, i64 %v16
  %v18 = load float, ptr %v17, align 4
  %v19 = getelementptr inbounds float, ptr %to, i64 %v16
  store float %v18, ptr %v19, align 4
  %v14 = add nuw nsw i64 %v13, 1
  br label %head12
done12:
  ret void
}

define void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind {
entry:
  %v1 = getelementptr inbounds i64, ptr %args, i64 0
  %v2 = load ptr, ptr %v1, align 8
  %v3 = getelementptr inbounds i64, ptr %args, i64 1
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i64, ptr %args, i64 2
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i64, ptr %args, i64 3
  %v8 = load ptr, ptr %v7, align 8
  %v9 = getelementptr inbounds i64, ptr %args, i64 4
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i64, ptr %args, i64 5
  %v12 = load i64, ptr %v11, align 8
  %v13 = getelementptr inbounds i64, ptr %args, i64 6
  %v14 = load ptr, ptr %v13, align 8
  %v15 = getelementptr inbounds i64, ptr %args, i64 7
  %v16 = load i64, ptr %v15, align 8
  %v17 = getelementptr inbounds i64, ptr %args, i64 8
  %v18 = load ptr, ptr %v17, align 8
  %v19 = getelementptr inbounds i64, ptr %args, i64 9
  %v20 = load i64, ptr %v19, align 8
  %v21 = getelementptr inbounds i64, ptr %args, i64 10
  %v22 = load ptr, ptr %v21, align 8
  %v23 = getelementptr inbounds i64, ptr %args, i64 11
  %v24 = load i64, ptr %v23, align 8
  %v25 = getelementptr inbounds i64, ptr %args, i64 12
  %v26 = load ptr, ptr %v25, align 8
  %v27 = getelementptr inbounds i64, ptr %args, i64 13
  %v28 = load i64, ptr %v27, align 8
  %v29 = getelementptr inbounds i64, ptr %args, i64 14
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i64, ptr %args, i64 15
  %v32 = load i64, ptr %v31, align 8
  %v33 = getelementptr inbounds i64, ptr %args, i64 16
  %v34 = load i64, ptr %v33, align 8
  %v35 = getelementptr inbounds i64, ptr %args, i64 17
  %v36 = load ptr, ptr %v35, align 8
  %v37 = getelementptr inbounds i64, ptr %args, i64 18
  %v38 = load i64, ptr %v37, align 8
  %v39 = getelementptr inbounds i64, ptr %args, i64 19
  %v40 = load ptr, ptr %v39, align 8
  %v41 = getelementptr inbounds i64, ptr %args, i64 20
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i64, ptr %args, i64 21
  %v44 = load i64, ptr %v43, align 8
  %v45 = getelementptr inbounds i64, ptr %args, i64 22
  %v46 = load ptr, ptr %v45, align 8
  %v47 = getelementptr inbounds i64, ptr %args, i64 23
  %v48 = load i64, ptr %v47, align 8
  %v49 = getelementptr inbounds i64, ptr %args, i64 24
  %v50 = load ptr, ptr %v49, align 8
  %v51 = getelementptr inbounds i64, ptr %args, i64 25
  %v52 = load ptr, ptr %v51, align 8
  %v53 = getelementptr inbounds i64, ptr %args, i64 26
  %v54 = load ptr, ptr %v53, align 8
  %v55 = getelementptr inbounds i64, ptr %args, i64 27
  %v56 = load ptr, ptr %v55, align 8
  %v57 = getelementptr inbounds i64, ptr %args, i64 28
  %v58 = load i64, ptr %v57, align 8
  %v59 = getelementptr inbounds i64, ptr %args, i64 29
  %v60 = load i64, ptr %v59, align 8
  %v61 = getelementptr inbounds i64, ptr %args, i64 30
  %v62 = load i64, ptr %v61, align 8
  %v63 = getelementptr inbounds i64, ptr %args, i64 31
  %v64 = load ptr, ptr %v63, align 8
  %v65 = getelementptr inbounds i64, ptr %args, i64 32
  %v66 = load i64, ptr %v65, align 8
  %v67 = getelementptr inbounds i64, ptr %args, i64 33
  %v68 = load i64, ptr %v67, align 8
  %v69 = getelementptr inbounds i64, ptr %args, i64 34
  %v70 = load i64, ptr %v69, align 8
  %v71 = getelementptr inbounds i64, ptr %args, i64 35
  %v72 = load ptr, ptr %v71, align 8
  %v73 = getelementptr inbounds i64, ptr %args, i64 36
  %v74 = load i64, ptr %v73, align 8
  %v75 = getelementptr inbounds i64, ptr %args, i64 37
  %v76 = load ptr, ptr %v75, align 8
  %v77 = getelementptr inbounds i64, ptr %args, i64 38
  %v78 = load ptr, ptr %v77, align 8
  %v79 = getelementptr inbounds i64, ptr %args, i64 39
  %v80 = load ptr, ptr %v79, align 8
  %v81 = getelementptr inbounds i64, ptr %args, i64 40
  %v82 = load ptr, ptr %v81, align 8
  %v83 = getelementptr inbounds i64, ptr %args, i64 41
  %v84 = load ptr, ptr %v83, align 8
  %v85 = getelementptr inbounds i64, ptr %args, i64 42
  %v86 = load ptr, ptr %v85, align 8
  %v87 = getelementptr inbounds i64, ptr %args, i64 43
  %v88 = load ptr, ptr %v87, align 8
  %v89 = getelementptr inbounds i64, ptr %args, i64 44
  %v90 = load ptr, ptr %v89, align 8
  %v91 = getelementptr inbounds i64, ptr %args, i64 45
  %v92 = load ptr, ptr %v91, align 8
  %v93 = getelementptr inbounds i64, ptr %args, i64 46
  %v94 = load ptr, ptr %v93, align 8
  %v95 = getelementptr inbounds i64, ptr %args, i64 47
  %v96 = load ptr, ptr %v95, align 8
  %v97 = getelementptr inbounds i64, ptr %args, i64 48
  %v98 = load ptr, ptr %v97, align 8
  %v99 = getelementptr inbounds i64, ptr %args, i64 49
  %v100 = load ptr, ptr %v99, align 8
  %v101 = getelementptr inbounds i64, ptr %args, i64 50
  %v102 = load ptr, ptr %v101, align 8
  %v103 = getelementptr inbounds i64, ptr %args, i64 51
  %v104 = load ptr, ptr %v103, align 8
  %v105 = getelementptr inbounds i64, ptr %args, i64 52
  %v106 = load ptr, ptr %v105, align 8
  %v107 = getelementptr inbounds i64, ptr %args, i64 53
  %v108 = load ptr, ptr %v107, align 8
  %v109 = getelementptr inbounds i64, ptr %args, i64 54
  %v110 = load ptr, ptr %v109, align 8
  %v111 = getelementptr inbounds i64, ptr %args, i64 55
  %v112 = load ptr, ptr %v111, align 8
  %v113 = getelementptr inbounds i64, ptr %args, i64 56
  %v114 = load ptr, ptr %v113, align 8
  %v115 = getelementptr inbounds i64, ptr %args, i64 57
  %v116 = load ptr, ptr %v115, align 8
  %v117 = getelementptr inbounds i64, ptr %args, i64 58
  %v118 = load ptr, ptr %v117, align 8
  %v119 = getelementptr inbounds i64, ptr %args, i64 59
  %v120 = load ptr, ptr %v119, align 8
  %v121 = getelementptr inbounds i64, ptr %args, i64 60
  %v122 = load ptr, ptr %v121, align 8
  %v123 = getelementptr inbounds i64, ptr %args, i64 61
  %v124 = load ptr, ptr %v123, align 8
  %v125 = getelementptr inbounds i64, ptr %args, i64 62
  %v126 = load ptr, ptr %v125, align 8
  %v127 = getelementptr inbounds i64, ptr %args, i64 63
  %v128 = load ptr, ptr %v127, align 8
  %v129 = getelementptr inbounds i64, ptr %args, i64 64
  %v130 = load ptr, ptr %v129, align 8
  %v131 = getelementptr inbounds i64, ptr %args, i64 65
  %v132 = load ptr, ptr %v131, align 8
  %v133 = getelementptr inbounds i64, ptr %args, i64 66
  %v134 = load ptr, ptr %v133, align 8
  %v135 = getelementptr inbounds i64, ptr %args, i64 67
  %v136 = load ptr, ptr %v135, align 8
  %v137 = getelementptr inbounds i64, ptr %args, i64 68
  %v138 = load ptr, ptr %v137, align 8
  %v139 = getelementptr inbounds i64, ptr %args, i64 69
  %v140 = load ptr, ptr %v139, align 8
  %v141 = getelementptr inbounds i64, ptr %args, i64 70
  %v142 = load ptr, ptr %v141, align 8
  %v143 = getelementptr inbounds i64, ptr %args, i64 71
  %v144 = load ptr, ptr %v143, align 8
  %v145 = getelementptr inbounds i64, ptr %args, i64 72
  %v146 = load ptr, ptr %v145, align 8
  %v147 = getelementptr inbounds i64, ptr %args, i64 73
  %v148 = load ptr, ptr %v147, align 8
  %v149 = getelementptr inbounds i64, ptr %args, i64 74
  %v150 = load ptr, ptr %v149, align 8
  %v151 = getelementptr inbounds i64, ptr %args, i64 75
  %v152 = load ptr, ptr %v151, align 8
  %v153 = getelementptr inbounds i64, ptr %args, i64 76
  %v154 = load ptr, ptr %v153, align 8
  %v155 = alloca <16 x float>, align 64
  %v156 = alloca <16 x float>, align 64
  %v157 = alloca <16 x float>, align 64
  %v158 = alloca <16 x float>, align 64
  %v159 = alloca <16 x float>, align 64
  %v160 = alloca <16 x float>, align 64
  %v161 = alloca <16 x float>, align 64
  %v162 = alloca <16 x float>, align 64
  %v163 = alloca <16 x float>, align 64
  %v164 = alloca <16 x float>, align 64
  %v165 = alloca <16 x float>, align 64
  %v166 = alloca <16 x float>, align 64
  %v167 = alloca <16 x float>, align 64
  %v168 = alloca <16 x float>, align 64
  %v169 = alloca <16 x float>, align 64
  %v170 = alloca <16 x float>, align 64
  %v171 = alloca <16 x float>, align 64
  %v172 = alloca <16 x float>, align 64
  %v173 = sext i32 %thread to i64
  %v174 = sext i32 %threads to i64
  %v175 = icmp ne i64 %v74, 0
  %v176 = select i1 %v175, i64 %v173, i64 0
  %v177 = select i1 %v175, i64 %v174, i64 1
  %v178 = icmp eq i64 %v176, 0
  %v179 = icmp sgt i64 %v177, 1
  %v180 = select i1 %v175, i64 0, i64 %v173
  %v181 = mul i64 %v176, 0
  %v182 = udiv i64 %v181, %v177
  %v183 = add i64 %v176, 1
  %v184 = mul i64 %v183, 0
  %v185 = udiv i64 %v184, %v177
  %v186 = udiv i64 %v176, %v177
  %v187 = add i64 %v176, 1
  %v188 = udiv i64 %v187, %v177
  %v189 = mul i64 %v176, 2
  %v190 = udiv i64 %v189, %v177
  %v191 = add i64 %v176, 1
  %v192 = mul i64 %v191, 2
  %v193 = udiv i64 %v192, %v177
  %v194 = mul i64 %v180, %v58
  %v195 = getelementptr inbounds float, ptr %v56, i64 %v194
  %v196 = mul i64 %v173, %v58
  %v197 = getelementptr inbounds float, ptr %v56, i64 %v196
  %v198 = alloca i64, align 8
  %v199 = alloca i64, align 8
  %v200 = alloca i64, align 8
  %v201 = alloca i64, align 8
  %v202 = alloca i64, align 8
  store i64 0, ptr %v201, align 8
  br label %next
next:
  %v203 = load i64, ptr %v201, align 8
  %v204 = add i64 %v203, 1
  store i64 %v204, ptr %v201, align 8
  store i64 %v203, ptr %v202, align 8
  %v205 = xor i1 %v175, true
  br i1 %v205, label %then206, label %end206
then206:
  %v207 = atomicrmw add ptr %v50, i64 1 monotonic
  store i64 %v207, ptr %v202, align 8
  br label %end206
end206:
  %v208 = load i64, ptr %v202, align 8
  %more = icmp slt i64 %v208, %v48
  br i1 %more, label %work, label %finished
work:
  %v209 = mul i64 %v208, 5
  %v210 = getelementptr inbounds i64, ptr %v46, i64 %v209
  %v211 = getelementptr inbounds i64, ptr %v210, i64 0
  %v212 = load i64, ptr %v211, align 8
  %v213 = getelementptr inbounds i64, ptr %v210, i64 1
  %v214 = load i64, ptr %v213, align 8
  %v215 = getelementptr inbounds i64, ptr %v210, i64 2
  %v216 = load i64, ptr %v215, align 8
  %v217 = getelementptr inbounds i64, ptr %v210, i64 3
  %v218 = load i64, ptr %v217, align 8
  %v219 = getelementptr inbounds i64, ptr %v210, i64 4
  %v220 = load i64, ptr %v219, align 8
  %v221 = icmp ne i64 %v62, 0
  %v222 = icmp ne ptr %v54, null
  %v223 = icmp eq i64 %v214, 1
  br i1 %v178, label %then224, label %end224
then224:
  br label %head225
head225:
  %v226 = phi i64 [ 0, %then224 ], [ %v227, %done250 ]
  %v228 = icmp slt i64 %v226, %v214
  br i1 %v228, label %body225, label %done225
body225:
  %v229 = add i64 %v212, %v226
  %v230 = getelementptr inbounds i64, ptr %v52, i64 %v229
  %v231 = load i64, ptr %v230, align 8
  %v232 = mul i64 %v226, 2096
  %v233 = getelementptr inbounds float, ptr %v195, i64 %v232
  %v234 = mul i64 %v231, %v16
  %v235 = getelementptr inbounds float, ptr %v14, i64 %v234
  %v236 = getelementptr inbounds float, ptr %v233, i64 48
  call void @copy(ptr %v236, ptr %v235, i64 20)
  %v237 = mul i64 %v231, %v20
  %v238 = getelementptr inbounds float, ptr %v18, i64 %v237
  %v239 = getelementptr inbounds float, ptr %v233, i64 80
  call void @copy(ptr %v239, ptr %v238, i64 20)
  %v240 = mul i64 %v231, %v24
  %v241 = getelementptr inbounds float, ptr %v22, i64 %v240
  br label %head242
head242:
  %v243 = phi i64 [ 0, %body225 ], [ %v244, %body242 ]
  %v245 = icmp slt i64 %v243, 2
  br i1 %v245, label %body242, label %done242
body242:
  %v246 = mul i64 %v243, 16
  %v247 = getelementptr inbounds float, ptr %v241, i64 %v246
  store <16 x float> zeroinitializer, ptr %v247, align 4
  %v244 = add nuw nsw i64 %v243, 1
  br label %head242
done242:
  %v248 = mul i64 %v231, %v28
  %v249 = getelementptr inbounds float, ptr %v26, i64 %v248
  br label %head250
head250:
  %v251 = phi i64 [ 0, %done242 ], [ %v252, %body250 ]
  %v253 = icmp slt i64 %v251, 2
  br i1 %v253, label %body250, label %done250
body250:
  %v254 = mul i64 %v251, 16
  %v255 = getelementptr inbounds float, ptr %v249, i64 %v254
  store <16 x float> zeroinitializer, ptr %v255, align 4
  %v252 = add nuw nsw i64 %v251, 1
  br label %head250
done250:
  %v227 = add nuw nsw i64 %v226, 1
  br label %head225
done225:
  br label %head256
head256:
  %v257 = phi i64 [ 0, %done225 ], [ %v258, %body256 ]
  %v259 = icmp slt i64 %v257, 2
  br i1 %v259, label %body256, label %done256
body256:
  %v260 = mul i64 %v257, 16
  %v261 = mul i64 %v208, 448
  %v262 = getelementptr inbounds float, ptr %v72, i64 %v261
  %v263 = getelementptr inbounds float, ptr %v262, i64 %v260
  store <16 x float> zeroinitializer, ptr %v263, align 4
  %v258 = add nuw nsw i64 %v257, 1
  br label %head256
done256:
  br label %head264
head264:
  %v265 = phi i64 [ 0, %done256 ], [ %v266, %body264 ]
  %v267 = icmp slt i64 %v265, 2
  br i1 %v267, label %body264, label %done264
body264:
  %v268 = mul i64 %v265, 16
  %v269 = mul i64 %v208, 448
  %v270 = getelementptr inbounds float, ptr %v72, i64 %v269
  %v271 = getelementptr inbounds float, ptr %v270, i64 32
  %v272 = getelementptr inbounds float, ptr %v271, i64 %v268
  store <16 x float> zeroinitializer, ptr %v272, align 4
  %v266 = add nuw nsw i64 %v265, 1
  br label %head264
done264:
  br label %head273
head273:
  %v274 = phi i64 [ 0, %done264 ], [ %v275, %body273 ]
  %v276 = icmp slt i64 %v274, 2
  br i1 %v276, label %body273, label %done273
body273:
  %v277 = mul i64 %v274, 16
  %v278 = mul i64 %v208, 448
  %v279 = getelementptr inbounds float, ptr %v72, i64 %v278
  %v280 = getelementptr inbounds float, ptr %v279, i64 64
  %v281 = getelementptr inbounds float, ptr %v280, i64 %v277
  store <16 x float> zeroinitializer, ptr %v281, align 4
  %v275 = add nuw nsw i64 %v274, 1
  br label %head273
done273:
  br label %head282
head282:
  %v283 = phi i64 [ 0, %done273 ], [ %v284, %body282 ]
  %v285 = icmp slt i64 %v283, 2
  br i1 %v285, label %body282, label %done282
body282:
  %v286 = mul i64 %v283, 16
  %v287 = mul i64 %v208, 448
  %v288 = getelementptr inbounds float, ptr %v72, i64 %v287
  %v289 = getelementptr inbounds float, ptr %v288, i64 96
  %v290 = getelementptr inbounds float, ptr %v289, i64 %v286
  store <16 x float> zeroinitializer, ptr %v290, align 4
  %v284 = add nuw nsw i64 %v283, 1
  br label %head282
done282:
  br label %head291
head291:
  %v292 = phi i64 [ 0, %done282 ], [ %v293, %body291 ]
  %v294 = icmp slt i64 %v292, 2
  br i1 %v294, label %body291, label %done291
body291:
  %v295 = mul i64 %v292, 16
  %v296 = mul i64 %v208, 448
  %v297 = getelementptr inbounds float, ptr %v72, i64 %v296
  %v298 = getelementptr inbounds float, ptr %v297, i64 128
  %v299 = getelementptr inbounds float, ptr %v298, i64 %v295
  store <16 x float> zeroinitializer, ptr %v299, align 4
  %v293 = add nuw nsw i64 %v292, 1
  br label %head291
done291:
  br label %head300
head300:
  %v301 = phi i64 [ 0, %done291 ], [ %v302, %body300 ]
  %v303 = icmp slt i64 %v301, 2
  br i1 %v303, label %body300, label %done300
body300:
  %v304 = mul i64 %v301, 16
  %v305 = mul i64 %v208, 448
  %v306 = getelementptr inbounds float, ptr %v72, i64 %v305
  %v307 = getelementptr inbounds float, ptr %v306, i64 160
  %v308 = getelementptr inbounds float, ptr %v307, i64 %v304
  store <16 x float> zeroinitializer, ptr %v308, align 4
  %v302 = add nuw nsw i64 %v301, 1
  br label %head300
done300:
  br label %head309
head309:
  %v310 = phi i64 [ 0, %done300 ], [ %v311, %body309 ]
  %v312 = icmp slt i64 %v310, 2
  br i1 %v312, label %body309, label %done309
body309:
  %v313 = mul i64 %v310, 16
  %v314 = mul i64 %v208, 448
  %v315 = getelementptr inbounds float, ptr %v72, i64 %v314
  %v316 = getelementptr inbounds float, ptr %v315, i64 192
  %v317 = getelementptr inbounds float, ptr %v316, i64 %v313
  store <16 x float> zeroinitializer, ptr %v317, align 4
  %v311 = add nuw nsw i64 %v310, 1
  br label %head309
done309:
  br label %head318
head318:
  %v319 = phi i64 [ 0, %done309 ], [ %v320, %body318 ]
  %v321 = icmp slt i64 %v319, 2
  br i1 %v321, label %body318, label %done318
body318:
  %v322 = mul i64 %v319, 16
  %v323 = mul i64 %v208, 448
  %v324 = getelementptr inbounds float, ptr %v72, i64 %v323
  %v325 = getelementptr inbounds float, ptr %v324, i64 224
  %v326 = getelementptr inbounds float, ptr %v325, i64 %v322
  store <16 x float> zeroinitializer, ptr %v326, align 4
  %v320 = add nuw nsw i64 %v319, 1
  br label %head318
done318:
  br label %head327
head327:
  %v328 = phi i64 [ 0, %done318 ], [ %v329, %body327 ]
  %v330 = icmp slt i64 %v328, 2
  br i1 %v330, label %body327, label %done327
body327:
  %v331 = mul i64 %v328, 16
  %v332 = mul i64 %v208, 448
  %v333 = getelementptr inbounds float, ptr %v72, i64 %v332
  %v334 = getelementptr inbounds float, ptr %v333, i64 256
  %v335 = getelementptr inbounds float, ptr %v334, i64 %v331
  store <16 x float> zeroinitializer, ptr %v335, align 4
  %v329 = add nuw nsw i64 %v328, 1
  br label %head327
done327:
  br label %head336
head336:
  %v337 = phi i64 [ 0, %done327 ], [ %v338, %body336 ]
  %v339 = icmp slt i64 %v337, 2
  br i1 %v339, label %body336, label %done336
body336:
  %v340 = mul i64 %v337, 16
  %v341 = mul i64 %v208, 448
  %v342 = getelementptr inbounds float, ptr %v72, i64 %v341
  %v343 = getelementptr inbounds float, ptr %v342, i64 288
  %v344 = getelementptr inbounds float, ptr %v343, i64 %v340
  store <16 x float> zeroinitializer, ptr %v344, align 4
  %v338 = add nuw nsw i64 %v337, 1
  br label %head336
done336:
  br label %head345
head345:
  %v346 = phi i64 [ 0, %done336 ], [ %v347, %body345 ]
  %v348 = icmp slt i64 %v346, 2
  br i1 %v348, label %body345, label %done345
body345:
  %v349 = mul i64 %v346, 16
  %v350 = mul i64 %v208, 448
  %v351 = getelementptr inbounds float, ptr %v72, i64 %v350
  %v352 = getelementptr inbounds float, ptr %v351, i64 320
  %v353 = getelementptr inbounds float, ptr %v352, i64 %v349
  store <16 x float> zeroinitializer, ptr %v353, align 4
  %v347 = add nuw nsw i64 %v346, 1
  br label %head345
done345:
  br label %head354
head354:
  %v355 = phi i64 [ 0, %done345 ], [ %v356, %body354 ]
  %v357 = icmp slt i64 %v355, 2
  br i1 %v357, label %body354, label %done354
body354:
  %v358 = mul i64 %v355, 16
  %v359 = mul i64 %v208, 448
  %v360 = getelementptr inbounds float, ptr %v72, i64 %v359
  %v361 = getelementptr inbounds float, ptr %v360, i64 352
  %v362 = getelementptr inbounds float, ptr %v361, i64 %v358
  store <16 x float> zeroinitializer, ptr %v362, align 4
  %v356 = add nuw nsw i64 %v355, 1
  br label %head354
done354:
  br label %head363
head363:
  %v364 = phi i64 [ 0, %done354 ], [ %v365, %body363 ]
  %v366 = icmp slt i64 %v364, 2
  br i1 %v366, label %body363, label %done363
body363:
  %v367 = mul i64 %v364, 16
  %v368 = mul i64 %v208, 448
  %v369 = getelementptr inbounds float, ptr %v72, i64 %v368
  %v370 = getelementptr inbounds float, ptr %v369, i64 384
  %v371 = getelementptr inbounds float, ptr %v370, i64 %v367
  store <16 x float> zeroinitializer, ptr %v371, align 4
  %v365 = add nuw nsw i64 %v364, 1
  br label %head363
done363:
  br label %head372
head372:
  %v373 = phi i64 [ 0, %done363 ], [ %v374, %body372 ]
  %v375 = icmp slt i64 %v373, 2
  br i1 %v375, label %body372, label %done372
body372:
  %v376 = mul i64 %v373, 16
  %v377 = mul i64 %v208, 448
  %v378 = getelementptr inbounds float, ptr %v72, i64 %v377
  %v379 = getelementptr inbounds float, ptr %v378, i64 416
  %v380 = getelementptr inbounds float, ptr %v379, i64 %v376
  store <16 x float> zeroinitializer, ptr %v380, align 4
  %v374 = add nuw nsw i64 %v373, 1
  br label %head372
done372:
  br label %end224
end224:
  br i1 %v179, label %then381, label %end381
then381:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end381
end381:
  %v382 = add i64 %v216, %v218
  %v383 = select i1 %v221, i64 %v382, i64 %v216
  store i64 %v383, ptr %v200, align 8
  br label %head384
head384:
  %v385 = phi i64 [ 0, %end381 ], [ %v386, %end1597 ]
  %v387 = icmp slt i64 %v385, %v220
  br i1 %v387, label %body384, label %done384
body384:
  %v388 = sub i64 %v220, %v385
  %v389 = sub i64 %v388, 1
  %v390 = select i1 %v221, i64 %v389, i64 %v385
  store i64 %v214, ptr %v199, align 8
  br i1 %v222, label %then391, label %end391
then391:
  store i64 0, ptr %v199, align 8
  br label %head392
head392:
  %v393 = phi i64 [ 0, %then391 ], [ %v394, %body392 ]
  %v395 = icmp slt i64 %v393, %v214
  br i1 %v395, label %body392, label %done392
body392:
  %v396 = add i64 %v212, %v393
  %v397 = getelementptr inbounds i64, ptr %v54, i64 %v396
  %v398 = load i64, ptr %v397, align 8
  %v399 = icmp sgt i64 %v398, %v390
  %v400 = load i64, ptr %v199, align 8
  %v401 = zext i1 %v399 to i64
  %v402 = add i64 %v400, %v401
  store i64 %v402, ptr %v199, align 8
  %v394 = add nuw nsw i64 %v393, 1
  br label %head392
done392:
  br label %end391
end391:
  %v403 = load i64, ptr %v199, align 8
  %v404 = load i64, ptr %v200, align 8
  %v405 = sub i64 %v404, %v403
  %v406 = select i1 %v221, i64 %v405, i64 %v404
  %v407 = add i64 %v404, %v403
  %v408 = select i1 %v221, i64 %v405, i64 %v407
  store i64 %v408, ptr %v200, align 8
  br label %head409
head409:
  %v410 = phi i64 [ 0, %end391 ], [ %v411, %body409 ]
  %v412 = icmp slt i64 %v410, %v403
  br i1 %v412, label %body409, label %done409
body409:
  %v413 = add i64 %v212, %v410
  %v414 = getelementptr inbounds i64, ptr %v52, i64 %v413
  %v415 = load i64, ptr %v414, align 8
  %v416 = mul i64 %v410, 2096
  %v417 = getelementptr inbounds float, ptr %v195, i64 %v416
  %v418 = mul i64 %v415, %v6
  %v419 = getelementptr inbounds float, ptr %v2, i64 %v418
  %v420 = mul i64 %v390, %v4
  %v421 = getelementptr inbounds float, ptr %v419, i64 %v420
  %v422 = getelementptr inbounds float, ptr %v417, i64 368
  call void @copy(ptr %v422, ptr %v421, i64 3)
  %v423 = mul i64 %v415, %v12
  %v424 = getelementptr inbounds float, ptr %v8, i64 %v423
  %v425 = mul i64 %v390, %v10
  %v426 = getelementptr inbounds float, ptr %v424, i64 %v425
  %v427 = getelementptr inbounds float, ptr %v417, i64 704
  call void @copy(ptr %v427, ptr %v426, i64 20)
  %v411 = add nuw nsw i64 %v410, 1
  br label %head409
done409:
  br i1 %v178, label %then428, label %end428
then428:
  br label %head429
head429:
  %v430 = phi i64 [ 0, %then428 ], [ %v431, %end436 ]
  %v432 = icmp slt i64 %v430, %v403
  br i1 %v432, label %body429, label %done429
body429:
  %v433 = mul i64 %v430, 2096
  %v434 = getelementptr inbounds float, ptr %v195, i64 %v433
  %v435 = add i64 %v406, %v430
  br i1 %v178, label %then436, label %end436
then436:
  %v437 = getelementptr inbounds float, ptr %v434, i64 368
  %v438 = load <16 x float>, ptr %v437, align 4
  %v439 = mul i64 %v435, 16
  %v440 = getelementptr inbounds float, ptr %v110, i64 %v439
  store <16 x float> %v438, ptr %v440, align 4
  br label %end436
end436:
  %v431 = add nuw nsw i64 %v430, 1
  br label %head429
done429:
  br label %end428
end428:
  br i1 %v179, label %then441, label %end441
then441:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end441
end441:
  br i1 %v178, label %then442, label %end442
then442:
  br label %head443
head443:
  %v444 = phi i64 [ 0, %then442 ], [ %v445, %done450 ]
  %v446 = icmp slt i64 %v444, %v403
  br i1 %v446, label %body443, label %done443
body443:
  %v447 = mul i64 %v444, 2096
  %v448 = getelementptr inbounds float, ptr %v195, i64 %v447
  %v449 = add i64 %v406, %v444
  store <16 x float> zeroinitializer, ptr %v155, align 64
  store <16 x float> zeroinitializer, ptr %v156, align 64
  store <16 x float> zeroinitializer, ptr %v157, align 64
  br label %head450
head450:
  %v451 = phi i64 [ 0, %body443 ], [ %v452, %body450 ]
  %v453 = icmp slt i64 %v451, 2
  br i1 %v453, label %body450, label %done450
body450:
  %v454 = mul i64 %v451, 16
  %v455 = mul i64 %v449, 48
  %v456 = getelementptr inbounds float, ptr %v82, i64 %v455
  %v457 = getelementptr inbounds float, ptr %v456, i64 %v454
  %v458 = load <16 x float>, ptr %v457, align 4
  %v459 = mul i64 %v449, 16
  %v460 = getelementptr inbounds float, ptr %v90, i64 %v459
  %v461 = load float, ptr %v460, align 4
  %v462 = insertelement <16 x float> poison, float %v461, i64 0
  %v463 = shufflevector <16 x float> %v462, <16 x float> poison, <16 x i32> zeroinitializer
  %v464 = fdiv contract <16 x float> %v458, %v463
  %v465 = mul i64 %v449, 48
  %v466 = getelementptr inbounds float, ptr %v84, i64 %v465
  %v467 = getelementptr inbounds float, ptr %v466, i64 %v454
  %v468 = load <16 x float>, ptr %v467, align 4
  %v469 = fdiv contract <16 x float> %v468, %v463
  %v470 = mul i64 %v449, 48
  %v471 = getelementptr inbounds float, ptr %v86, i64 %v470
  %v472 = getelementptr inbounds float, ptr %v471, i64 %v454
  %v473 = load <16 x float>, ptr %v472, align 4
  %v474 = fdiv contract <16 x float> %v473, %v463
  %v475 = mul i64 %v449, 48
  %v476 = getelementptr inbounds float, ptr %v88, i64 %v475
  %v477 = getelementptr inbounds float, ptr %v476, i64 %v454
  %v478 = load <16 x float>, ptr %v477, align 4
  %v479 = fdiv contract <16 x float> %v478, %v463
  %v480 = mul i64 %v449, 48
  %v481 = getelementptr inbounds float, ptr %v92, i64 %v480
  %v482 = getelementptr inbounds float, ptr %v481, i64 %v454
  %v483 = load <16 x float>, ptr %v482, align 4
  %v484 = mul i64 %v449, 16
  %v485 = getelementptr inbounds float, ptr %v100, i64 %v484
  %v486 = load float, ptr %v485, align 4
  %v487 = insertelement <16 x float> poison, float %v486, i64 0
  %v488 = shufflevector <16 x float> %v487, <16 x float> poison, <16 x i32> zeroinitializer
  %v489 = fdiv contract <16 x float> %v483, %v488
  %v490 = mul i64 %v449, 48
  %v491 = getelementptr inbounds float, ptr %v94, i64 %v490
  %v492 = getelementptr inbounds float, ptr %v491, i64 %v454
  %v493 = load <16 x float>, ptr %v492, align 4
  %v494 = fdiv contract <16 x float> %v493, %v488
  %v495 = mul i64 %v449, 48
  %v496 = getelementptr inbounds float, ptr %v96, i64 %v495
  %v497 = getelementptr inbounds float, ptr %v496, i64 %v454
  %v498 = load <16 x float>, ptr %v497, align 4
  %v499 = fdiv contract <16 x float> %v498, %v488
  %v500 = mul i64 %v449, 48
  %v501 = getelementptr inbounds float, ptr %v98, i64 %v500
  %v502 = getelementptr inbounds float, ptr %v501, i64 %v454
  %v503 = load <16 x float>, ptr %v502, align 4
  %v504 = fdiv contract <16 x float> %v503, %v488
  %v505 = getelementptr inbounds float, ptr %v128, i64 %v454
  %v506 = load <16 x float>, ptr %v505, align 4
  %v507 = fmul contract <16 x float> %v506, %v464
  %v508 = getelementptr inbounds float, ptr %v130, i64 %v454
  %v509 = load <16 x float>, ptr %v508, align 4
  %v510 = fmul contract <16 x float> %v509, %v489
  %v511 = fadd contract <16 x float> %v507, %v510
  %v512 = getelementptr inbounds float, ptr %v132, i64 %v454
  %v513 = load <16 x float>, ptr %v512, align 4
  %v514 = fadd contract <16 x float> %v511, %v513
  %v515 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v514)
  %v516 = getelementptr inbounds float, ptr %v134, i64 %v454
  %v517 = load <16 x float>, ptr %v516, align 4
  %v518 = fmul contract <16 x float> %v517, %v469
  %v519 = getelementptr inbounds float, ptr %v136, i64 %v454
  %v520 = load <16 x float>, ptr %v519, align 4
  %v521 = fmul contract <16 x float> %v520, %v494
  %v522 = fadd contract <16 x float> %v518, %v521
  %v523 = getelementptr inbounds float, ptr %v138, i64 %v454
  %v524 = load <16 x float>, ptr %v523, align 4
  %v525 = fadd contract <16 x float> %v522, %v524
  %v526 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v525)
  %v527 = getelementptr inbounds float, ptr %v140, i64 %v454
  %v528 = load <16 x float>, ptr %v527, align 4
  %v529 = fmul contract <16 x float> %v528, %v474
  %v530 = getelementptr inbounds float, ptr %v142, i64 %v454
  %v531 = load <16 x float>, ptr %v530, align 4
  %v532 = fmul contract <16 x float> %v531, %v499
  %v533 = fadd contract <16 x float> %v529, %v532
  %v534 = getelementptr inbounds float, ptr %v144, i64 %v454
  %v535 = load <16 x float>, ptr %v534, align 4
  %v536 = fadd contract <16 x float> %v533, %v535
  %v537 = call <16 x float> @gw.tanh.v16f32(<16 x float> %v536)
  %v538 = getelementptr inbounds float, ptr %v146, i64 %v454
  %v539 = load <16 x float>, ptr %v538, align 4
  %v540 = fmul contract <16 x float> %v539, %v479
  %v541 = getelementptr inbounds float, ptr %v148, i64 %v454
  %v542 = load <16 x float>, ptr %v541, align 4
  %v543 = fmul contract <16 x float> %v542, %v504
  %v544 = fadd contract <16 x float> %v540, %v543
  %v545 = getelementptr inbounds float, ptr %v150, i64 %v454
  %v546 = load <16 x float>, ptr %v545, align 4
  %v547 = fadd contract <16 x float> %v544, %v546
  %v548 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v547)
  %v549 = mul i64 %v449, 48
  %v550 = getelementptr inbounds float, ptr %v80, i64 %v549
  %v551 = getelementptr inbounds float, ptr %v550, i64 %v454
  %v552 = load <16 x float>, ptr %v551, align 4
  %v553 = fmul contract <16 x float> %v526, %v552
  %v554 = fmul contract <16 x float> %v515, %v537
  %v555 = fadd contract <16 x float> %v553, %v554
  %v556 = mul i64 %v449, 16
  %v557 = getelementptr inbounds float, ptr %v102, i64 %v556
  %v558 = load float, ptr %v557, align 4
  %v559 = insertelement <16 x float> poison, float %v558, i64 0
  %v560 = shufflevector <16 x float> %v559, <16 x float> poison, <16 x i32> zeroinitializer
  %v561 = fsub contract <16 x float> %v555, %v560
  %v562 = mul i64 %v449, 16
  %v563 = getelementptr inbounds float, ptr %v104, i64 %v562
  %v564 = load float, ptr %v563, align 4
  %v565 = insertelement <16 x float> poison, float %v564, i64 0
  %v566 = shufflevector <16 x float> %v565, <16 x float> poison, <16 x i32> zeroinitializer
  %v567 = fdiv contract <16 x float> %v561, %v566
  %v568 = getelementptr inbounds float, ptr %v152, i64 %v454
  %v569 = load <16 x float>, ptr %v568, align 4
  %v570 = fmul contract <16 x float> %v569, %v567
  %v571 = getelementptr inbounds float, ptr %v154, i64 %v454
  %v572 = load <16 x float>, ptr %v571, align 4
  %v573 = fadd contract <16 x float> %v570, %v572
  %v574 = call <16 x float> @gw.tanh.v16f32(<16 x float> %v573)
  %v575 = getelementptr inbounds float, ptr %v448, i64 48
  %v576 = getelementptr inbounds float, ptr %v575, i64 %v454
  %v577 = load <16 x float>, ptr %v576, align 4
  %v578 = getelementptr inbounds float, ptr %v448, i64 704
  %v579 = getelementptr inbounds float, ptr %v578, i64 %v454
  %v580 = load <16 x float>, ptr %v579, align 4
  %v581 = fadd contract <16 x float> %v577, %v580
  %v582 = fmul contract <16 x float> %v581, %v574
  %v583 = fmul contract <16 x float> %v581, %v548
  %v584 = fmul contract <16 x float> %v574, %v574
  %v585 = fsub contract <16 x float> splat (float 0x3FF0000000000000), %v584
  %v586 = fmul contract <16 x float> %v583, %v585
  %v587 = fmul contract <16 x float> %v586, %v567
  %v588 = fmul contract <16 x float> %v586, %v569
  %v589 = fdiv contract <16 x float> %v588, %v566
  %v590 = fmul contract <16 x float> %v589, %v567
  %v591 = fneg <16 x float> %v590
  %v592 = fsub contract <16 x float> splat (float 0x3FF0000000000000), %v548
  %v593 = fmul contract <16 x float> %v548, %v592
  %v594 = fmul contract <16 x float> %v582, %v593
  %v595 = fmul contract <16 x float> %v594, %v504
  %v596 = fmul contract <16 x float> %v594, %v542
  %v597 = fmul contract <16 x float> %v594, %v479
  %v598 = fmul contract <16 x float> %v594, %v539
  %v599 = fmul contract <16 x float> %v537, %v537
  %v600 = fsub contract <16 x float> splat (float 0x3FF0000000000000), %v599
  %v601 = fsub contract <16 x float> splat (float 0x3FF0000000000000), %v526
  %v602 = fmul contract <16 x float> %v526, %v601
  %v603 = fsub contract <16 x float> splat (float 0x3FF0000000000000), %v515
  %v604 = fmul contract <16 x float> %v515, %v603
  %v605 = fdiv contract <16 x float> %v596, %v488
  %v606 = fmul contract <16 x float> %v605, %v504
  %v607 = fneg <16 x float> %v606
  %v608 = fdiv contract <16 x float> %v598, %v463
  %v609 = fmul contract <16 x float> %v608, %v479
  %v610 = fneg <16 x float> %v609
  %v611 = insertelement <16 x i64> poison, i64 %v454, i64 0
  %v612 = shufflevector <16 x i64> %v611, <16 x i64> poison, <16 x i32> zeroinitializer
  %v613 = add <16 x i64> %v612, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v614 = icmp ult <16 x i64> %v613, splat (i64 20)
  %v615 = select <16 x i1> %v614, <16 x float> %v591, <16 x float> zeroinitializer
  %v616 = load <16 x float>, ptr %v155, align 64
  %v617 = fadd <16 x float> %v616, %v615
  store <16 x float> %v617, ptr %v155, align 64
  %v618 = insertelement <16 x i64> poison, i64 %v454, i64 0
  %v619 = shufflevector <16 x i64> %v618, <16 x i64> poison, <16 x i32> zeroinitializer
  %v620 = add <16 x i64> %v619, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v621 = icmp ult <16 x i64> %v620, splat (i64 20)
  %v622 = select <16 x i1> %v621, <16 x float> %v607, <16 x float> zeroinitializer
  %v623 = load <16 x float>, ptr %v156, align 64
  %v624 = fadd <16 x float> %v623, %v622
  store <16 x float> %v624, ptr %v156, align 64
  %v625 = insertelement <16 x i64> poison, i64 %v454, i64 0
  %v626 = shufflevector <16 x i64> %v625, <16 x i64> poison, <16 x i32> zeroinitializer
  %v627 = add <16 x i64> %v626, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v628 = icmp ult <16 x i64> %v627, splat (i64 20)
  %v629 = select <16 x i1> %v628, <16 x float> %v610, <16 x float> zeroinitializer
  %v630 = load <16 x float>, ptr %v157, align 64
  %v631 = fadd <16 x float> %v630, %v629
  store <16 x float> %v631, ptr %v157, align 64
  %v632 = mul i64 %v208, 448
  %v633 = getelementptr inbounds float, ptr %v72, i64 %v632
  %v634 = getelementptr inbounds float, ptr %v633, i64 %v454
  %v635 = load <16 x float>, ptr %v634, align 4
  %v636 = fadd <16 x float> %v635, %v597
  store <16 x float> %v636, ptr %v634, align 4
  %v637 = mul i64 %v208, 448
  %v638 = getelementptr inbounds float, ptr %v72, i64 %v637
  %v639 = getelementptr inbounds float, ptr %v638, i64 32
  %v640 = getelementptr inbounds float, ptr %v639, i64 %v454
  %v641 = load <16 x float>, ptr %v640, align 4
  %v642 = fadd <16 x float> %v641, %v595
  store <16 x float> %v642, ptr %v640, align 4
  %v643 = mul i64 %v208, 448
  %v644 = getelementptr inbounds float, ptr %v72, i64 %v643
  %v645 = getelementptr inbounds float, ptr %v644, i64 64
  %v646 = getelementptr inbounds float, ptr %v645, i64 %v454
  %v647 = load <16 x float>, ptr %v646, align 4
  %v648 = fadd <16 x float> %v647, %v594
  store <16 x float> %v648, ptr %v646, align 4
  %v649 = mul i64 %v208, 448
  %v650 = getelementptr inbounds float, ptr %v72, i64 %v649
  %v651 = getelementptr inbounds float, ptr %v650, i64 96
  %v652 = getelementptr inbounds float, ptr %v651, i64 %v454
  %v653 = load <16 x float>, ptr %v652, align 4
  %v654 = fadd <16 x float> %v653, %v587
  store <16 x float> %v654, ptr %v652, align 4
  %v655 = mul i64 %v208, 448
  %v656 = getelementptr inbounds float, ptr %v72, i64 %v655
  %v657 = getelementptr inbounds float, ptr %v656, i64 128
  %v658 = getelementptr inbounds float, ptr %v657, i64 %v454
  %v659 = load <16 x float>, ptr %v658, align 4
  %v660 = fadd <16 x float> %v659, %v586
  store <16 x float> %v660, ptr %v658, align 4
  %v661 = getelementptr inbounds float, ptr %v448, i64 384
  %v662 = getelementptr inbounds float, ptr %v661, i64 %v454
  store <16 x float> %v464, ptr %v662, align 4
  %v663 = getelementptr inbounds float, ptr %v448, i64 416
  %v664 = getelementptr inbounds float, ptr %v663, i64 %v454
  store <16 x float> %v469, ptr %v664, align 4
  %v665 = getelementptr inbounds float, ptr %v448, i64 448
  %v666 = getelementptr inbounds float, ptr %v665, i64 %v454
  store <16 x float> %v474, ptr %v666, align 4
  %v667 = getelementptr inbounds float, ptr %v448, i64 480
  %v668 = getelementptr inbounds float, ptr %v667, i64 %v454
  store <16 x float> %v489, ptr %v668, align 4
  %v669 = getelementptr inbounds float, ptr %v448, i64 512
  %v670 = getelementptr inbounds float, ptr %v669, i64 %v454
  store <16 x float> %v494, ptr %v670, align 4
  %v671 = getelementptr inbounds float, ptr %v448, i64 544
  %v672 = getelementptr inbounds float, ptr %v671, i64 %v454
  store <16 x float> %v499, ptr %v672, align 4
  %v673 = getelementptr inbounds float, ptr %v448, i64 576
  %v674 = getelementptr inbounds float, ptr %v673, i64 %v454
  store <16 x float> %v515, ptr %v674, align 4
  %v675 = getelementptr inbounds float, ptr %v448, i64 608
  %v676 = getelementptr inbounds float, ptr %v675, i64 %v454
  store <16 x float> %v526, ptr %v676, align 4
  %v677 = getelementptr inbounds float, ptr %v448, i64 640
  %v678 = getelementptr inbounds float, ptr %v677, i64 %v454
  store <16 x float> %v537, ptr %v678, align 4
  %v679 = getelementptr inbounds float, ptr %v448, i64 672
  %v680 = getelementptr inbounds float, ptr %v679, i64 %v454
  store <16 x float> %v561, ptr %v680, align 4
  %v681 = getelementptr inbounds float, ptr %v448, i64 736
  %v682 = getelementptr inbounds float, ptr %v681, i64 %v454
  store <16 x float> %v589, ptr %v682, align 4
  %v683 = getelementptr inbounds float, ptr %v448, i64 896
  %v684 = getelementptr inbounds float, ptr %v683, i64 %v454
  store <16 x float> %v600, ptr %v684, align 4
  %v685 = getelementptr inbounds float, ptr %v448, i64 928
  %v686 = getelementptr inbounds float, ptr %v685, i64 %v454
  store <16 x float> %v602, ptr %v686, align 4
  %v687 = getelementptr inbounds float, ptr %v448, i64 960
  %v688 = getelementptr inbounds float, ptr %v687, i64 %v454
  store <16 x float> %v604, ptr %v688, align 4
  %v689 = getelementptr inbounds float, ptr %v448, i64 992
  %v690 = getelementptr inbounds float, ptr %v689, i64 %v454
  store <16 x float> %v605, ptr %v690, align 4
  %v691 = getelementptr inbounds float, ptr %v448, i64 1536
  %v692 = getelementptr inbounds float, ptr %v691, i64 %v454
  store <16 x float> %v608, ptr %v692, align 4
  %v452 = add nuw nsw i64 %v451, 1
  br label %head450
done450:
  %v693 = load <16 x float>, ptr %v155, align 64
  %v694 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v693)
  %v695 = insertelement <16 x float> poison, float %v694, i64 0
  %v696 = shufflevector <16 x float> %v695, <16 x float> poison, <16 x i32> zeroinitializer
  %v697 = getelementptr inbounds float, ptr %v448, i64 768
  store <16 x float> %v696, ptr %v697, align 4
  %v698 = load <16 x float>, ptr %v156, align 64
  %v699 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v698)
  %v700 = insertelement <16 x float> poison, float %v699, i64 0
  %v701 = shufflevector <16 x float> %v700, <16 x float> poison, <16 x i32> zeroinitializer
  %v702 = getelementptr inbounds float, ptr %v448, i64 1024
  store <16 x float> %v701, ptr %v702, align 4
  %v703 = load <16 x float>, ptr %v157, align 64
  %v704 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v703)
  %v705 = insertelement <16 x float> poison, float %v704, i64 0
  %v706 = shufflevector <16 x float> %v705, <16 x float> poison, <16 x i32> zeroinitializer
  %v707 = getelementptr inbounds float, ptr %v448, i64 1568
  store <16 x float> %v706, ptr %v707, align 4
  %v445 = add nuw nsw i64 %v444, 1
  br label %head443
done443:
  br label %end442
end442:
  br i1 %v179, label %then708, label %end708
then708:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end708
end708:
  br i1 %v178, label %then709, label %end709
then709:
  br label %head710
head710:
  %v711 = phi i64 [ 0, %then709 ], [ %v712, %done732 ]
  %v713 = icmp slt i64 %v711, %v403
  br i1 %v713, label %body710, label %done710
body710:
  %v714 = mul i64 %v711, 2096
  %v715 = getelementptr inbounds float, ptr %v195, i64 %v714
  %v716 = add i64 %v406, %v711
  %v717 = getelementptr inbounds float, ptr %v715, i64 768
  %v718 = load float, ptr %v717, align 4
  %v719 = insertelement <16 x float> poison, float %v718, i64 0
  %v720 = shufflevector <16 x float> %v719, <16 x float> poison, <16 x i32> zeroinitializer
  %v721 = fmul contract <16 x float> %v720, splat (float 0x3FE0000000000000)
  %v722 = mul i64 %v716, 16
  %v723 = getelementptr inbounds float, ptr %v104, i64 %v722
  %v724 = load float, ptr %v723, align 4
  %v725 = insertelement <16 x float> poison, float %v724, i64 0
  %v726 = shufflevector <16 x float> %v725, <16 x float> poison, <16 x i32> zeroinitializer
  %v727 = fdiv contract <16 x float> %v721, %v726
  %v728 = fdiv contract <16 x float> %v727, splat (float 0x4034000000000000)
  %v729 = getelementptr inbounds float, ptr %v715, i64 784
  store <16 x float> %v721, ptr %v729, align 4
  %v730 = getelementptr inbounds float, ptr %v715, i64 800
  store <16 x float> %v727, ptr %v730, align 4
  %v731 = getelementptr inbounds float, ptr %v715, i64 816
  store <16 x float> %v728, ptr %v731, align 4
  store <16 x float> zeroinitializer, ptr %v158, align 64
  br label %head732
head732:
  %v733 = phi i64 [ 0, %body710 ], [ %v734, %body732 ]
  %v735 = icmp slt i64 %v733, 2
  br i1 %v735, label %body732, label %done732
body732:
  %v736 = mul i64 %v733, 16
  %v737 = getelementptr inbounds float, ptr %v715, i64 816
  %v738 = load float, ptr %v737, align 4
  %v739 = insertelement <16 x float> poison, float %v738, i64 0
  %v740 = shufflevector <16 x float> %v739, <16 x float> poison, <16 x i32> zeroinitializer
  %v741 = getelementptr inbounds float, ptr %v715, i64 672
  %v742 = getelementptr inbounds float, ptr %v741, i64 %v736
  %v743 = load <16 x float>, ptr %v742, align 4
  %v744 = fmul contract <16 x float> %v740, %v743
  %v745 = getelementptr inbounds float, ptr %v715, i64 736
  %v746 = getelementptr inbounds float, ptr %v745, i64 %v736
  %v747 = load <16 x float>, ptr %v746, align 4
  %v748 = fadd contract <16 x float> %v747, %v744
  %v749 = fadd contract <16 x float> %v748, %v744
  %v750 = fneg <16 x float> %v749
  %v751 = getelementptr inbounds float, ptr %v715, i64 80
  %v752 = getelementptr inbounds float, ptr %v751, i64 %v736
  %v753 = load <16 x float>, ptr %v752, align 4
  %v754 = fadd contract <16 x float> %v753, %v749
  %v755 = insertelement <16 x i64> poison, i64 %v736, i64 0
  %v756 = shufflevector <16 x i64> %v755, <16 x i64> poison, <16 x i32> zeroinitializer
  %v757 = add <16 x i64> %v756, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v758 = icmp ult <16 x i64> %v757, splat (i64 20)
  %v759 = select <16 x i1> %v758, <16 x float> %v750, <16 x float> zeroinitializer
  %v760 = load <16 x float>, ptr %v158, align 64
  %v761 = fadd <16 x float> %v760, %v759
  store <16 x float> %v761, ptr %v158, align 64
  %v762 = getelementptr inbounds float, ptr %v715, i64 864
  %v763 = getelementptr inbounds float, ptr %v762, i64 %v736
  store <16 x float> %v754, ptr %v763, align 4
  %v734 = add nuw nsw i64 %v733, 1
  br label %head732
done732:
  %v764 = load <16 x float>, ptr %v158, align 64
  %v765 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v764)
  %v766 = insertelement <16 x float> poison, float %v765, i64 0
  %v767 = shufflevector <16 x float> %v766, <16 x float> poison, <16 x i32> zeroinitializer
  %v768 = getelementptr inbounds float, ptr %v715, i64 832
  store <16 x float> %v767, ptr %v768, align 4
  %v712 = add nuw nsw i64 %v711, 1
  br label %head710
done710:
  br label %end709
end709:
  br i1 %v179, label %then769, label %end769
then769:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end769
end769:
  br i1 %v178, label %then770, label %end770
then770:
  br label %head771
head771:
  %v772 = phi i64 [ 0, %then770 ], [ %v773, %done784 ]
  %v774 = icmp slt i64 %v772, %v403
  br i1 %v774, label %body771, label %done771
body771:
  %v775 = mul i64 %v772, 2096
  %v776 = getelementptr inbounds float, ptr %v195, i64 %v775
  %v777 = add i64 %v406, %v772
  %v778 = getelementptr inbounds float, ptr %v776, i64 832
  %v779 = load float, ptr %v778, align 4
  %v780 = insertelement <16 x float> poison, float %v779, i64 0
  %v781 = shufflevector <16 x float> %v780, <16 x float> poison, <16 x i32> zeroinitializer
  %v782 = fdiv contract <16 x float> %v781, splat (float 0x4034000000000000)
  %v783 = getelementptr inbounds float, ptr %v776, i64 848
  store <16 x float> %v782, ptr %v783, align 4
  store <16 x float> zeroinitializer, ptr %v159, align 64
  store <16 x float> zeroinitializer, ptr %v160, align 64
  store <16 x float> zeroinitializer, ptr %v161, align 64
  store <16 x float> zeroinitializer, ptr %v162, align 64
  store <16 x float> zeroinitializer, ptr %v163, align 64
  store <16 x float> zeroinitializer, ptr %v164, align 64
  br label %head784
head784:
  %v785 = phi i64 [ 0, %body771 ], [ %v786, %body784 ]
  %v787 = icmp slt i64 %v785, 2
  br i1 %v787, label %body784, label %done784
body784:
  %v788 = mul i64 %v785, 16
  %v789 = getelementptr inbounds float, ptr %v776, i64 848
  %v790 = load float, ptr %v789, align 4
  %v791 = insertelement <16 x float> poison, float %v790, i64 0
  %v792 = shufflevector <16 x float> %v791, <16 x float> poison, <16 x i32> zeroinitializer
  %v793 = getelementptr inbounds float, ptr %v776, i64 864
  %v794 = getelementptr inbounds float, ptr %v793, i64 %v788
  %v795 = load <16 x float>, ptr %v794, align 4
  %v796 = fadd contract <16 x float> %v795, %v792
  %v797 = getelementptr inbounds float, ptr %v776, i64 640
  %v798 = getelementptr inbounds float, ptr %v797, i64 %v788
  %v799 = load <16 x float>, ptr %v798, align 4
  %v800 = fmul contract <16 x float> %v796, %v799
  %v801 = getelementptr inbounds float, ptr %v776, i64 576
  %v802 = getelementptr inbounds float, ptr %v801, i64 %v788
  %v803 = load <16 x float>, ptr %v802, align 4
  %v804 = fmul contract <16 x float> %v796, %v803
  %v805 = mul i64 %v777, 48
  %v806 = getelementptr inbounds float, ptr %v80, i64 %v805
  %v807 = getelementptr inbounds float, ptr %v806, i64 %v788
  %v808 = load <16 x float>, ptr %v807, align 4
  %v809 = fmul contract <16 x float> %v796, %v808
  %v810 = getelementptr inbounds float, ptr %v776, i64 608
  %v811 = getelementptr inbounds float, ptr %v810, i64 %v788
  %v812 = load <16 x float>, ptr %v811, align 4
  %v813 = fmul contract <16 x float> %v796, %v812
  %v814 = getelementptr inbounds float, ptr %v776, i64 896
  %v815 = getelementptr inbounds float, ptr %v814, i64 %v788
  %v816 = load <16 x float>, ptr %v815, align 4
  %v817 = fmul contract <16 x float> %v804, %v816
  %v818 = getelementptr inbounds float, ptr %v776, i64 544
  %v819 = getelementptr inbounds float, ptr %v818, i64 %v788
  %v820 = load <16 x float>, ptr %v819, align 4
  %v821 = fmul contract <16 x float> %v817, %v820
  %v822 = getelementptr inbounds float, ptr %v142, i64 %v788
  %v823 = load <16 x float>, ptr %v822, align 4
  %v824 = fmul contract <16 x float> %v817, %v823
  %v825 = getelementptr inbounds float, ptr %v776, i64 448
  %v826 = getelementptr inbounds float, ptr %v825, i64 %v788
  %v827 = load <16 x float>, ptr %v826, align 4
  %v828 = fmul contract <16 x float> %v817, %v827
  %v829 = getelementptr inbounds float, ptr %v140, i64 %v788
  %v830 = load <16 x float>, ptr %v829, align 4
  %v831 = fmul contract <16 x float> %v817, %v830
  %v832 = getelementptr inbounds float, ptr %v776, i64 928
  %v833 = getelementptr inbounds float, ptr %v832, i64 %v788
  %v834 = load <16 x float>, ptr %v833, align 4
  %v835 = fmul contract <16 x float> %v809, %v834
  %v836 = getelementptr inbounds float, ptr %v776, i64 512
  %v837 = getelementptr inbounds float, ptr %v836, i64 %v788
  %v838 = load <16 x float>, ptr %v837, align 4
  %v839 = fmul contract <16 x float> %v835, %v838
  %v840 = getelementptr inbounds float, ptr %v136, i64 %v788
  %v841 = load <16 x float>, ptr %v840, align 4
  %v842 = fmul contract <16 x float> %v835, %v841
  %v843 = getelementptr inbounds float, ptr %v776, i64 416
  %v844 = getelementptr inbounds float, ptr %v843, i64 %v788
  %v845 = load <16 x float>, ptr %v844, align 4
  %v846 = fmul contract <16 x float> %v835, %v845
  %v847 = getelementptr inbounds float, ptr %v134, i64 %v788
  %v848 = load <16 x float>, ptr %v847, align 4
  %v849 = fmul contract <16 x float> %v835, %v848
  %v850 = getelementptr inbounds float, ptr %v776, i64 960
  %v851 = getelementptr inbounds float, ptr %v850, i64 %v788
  %v852 = load <16 x float>, ptr %v851, align 4
  %v853 = fmul contract <16 x float> %v800, %v852
  %v854 = getelementptr inbounds float, ptr %v776, i64 480
  %v855 = getelementptr inbounds float, ptr %v854, i64 %v788
  %v856 = load <16 x float>, ptr %v855, align 4
  %v857 = fmul contract <16 x float> %v853, %v856
  %v858 = getelementptr inbounds float, ptr %v130, i64 %v788
  %v859 = load <16 x float>, ptr %v858, align 4
  %v860 = fmul contract <16 x float> %v853, %v859
  %v861 = getelementptr inbounds float, ptr %v776, i64 384
  %v862 = getelementptr inbounds float, ptr %v861, i64 %v788
  %v863 = load <16 x float>, ptr %v862, align 4
  %v864 = fmul contract <16 x float> %v853, %v863
  %v865 = getelementptr inbounds float, ptr %v128, i64 %v788
  %v866 = load <16 x float>, ptr %v865, align 4
  %v867 = fmul contract <16 x float> %v853, %v866
  %v868 = mul i64 %v777, 16
  %v869 = getelementptr inbounds float, ptr %v100, i64 %v868
  %v870 = load float, ptr %v869, align 4
  %v871 = insertelement <16 x float> poison, float %v870, i64 0
  %v872 = shufflevector <16 x float> %v871, <16 x float> poison, <16 x i32> zeroinitializer
  %v873 = fdiv contract <16 x float> %v824, %v872
  %v874 = fmul contract <16 x float> %v873, %v820
  %v875 = fneg <16 x float> %v874
  %v876 = fdiv contract <16 x float> %v842, %v872
  %v877 = fmul contract <16 x float> %v876, %v838
  %v878 = fneg <16 x float> %v877
  %v879 = fdiv contract <16 x float> %v860, %v872
  %v880 = fmul contract <16 x float> %v879, %v856
  %v881 = fneg <16 x float> %v880
  %v882 = mul i64 %v777, 16
  %v883 = getelementptr inbounds float, ptr %v90, i64 %v882
  %v884 = load float, ptr %v883, align 4
  %v885 = insertelement <16 x float> poison, float %v884, i64 0
  %v886 = shufflevector <16 x float> %v885, <16 x float> poison, <16 x i32> zeroinitializer
  %v887 = fdiv contract <16 x float> %v831, %v886
  %v888 = fmul contract <16 x float> %v887, %v827
  %v889 = fneg <16 x float> %v888
  %v890 = fdiv contract <16 x float> %v849, %v886
  %v891 = fmul contract <16 x float> %v890, %v845
  %v892 = fneg <16 x float> %v891
  %v893 = fdiv contract <16 x float> %v867, %v886
  %v894 = fmul contract <16 x float> %v893, %v863
  %v895 = fneg <16 x float> %v894
  %v896 = insertelement <16 x i64> poison, i64 %v788, i64 0
  %v897 = shufflevector <16 x i64> %v896, <16 x i64> poison, <16 x i32> zeroinitializer
  %v898 = add <16 x i64> %v897, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v899 = icmp ult <16 x i64> %v898, splat (i64 20)
  %v900 = select <16 x i1> %v899, <16 x float> %v875, <16 x float> zeroinitializer
  %v901 = load <16 x float>, ptr %v159, align 64
  %v902 = fadd <16 x float> %v901, %v900
  store <16 x float> %v902, ptr %v159, align 64
  %v903 = insertelement <16 x i64> poison, i64 %v788, i64 0
  %v904 = shufflevector <16 x i64> %v903, <16 x i64> poison, <16 x i32> zeroinitializer
  %v905 = add <16 x i64> %v904, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v906 = icmp ult <16 x i64> %v905, splat (i64 20)
  %v907 = select <16 x i1> %v906, <16 x float> %v878, <16 x float> zeroinitializer
  %v908 = load <16 x float>, ptr %v160, align 64
  %v909 = fadd <16 x float> %v908, %v907
  store <16 x float> %v909, ptr %v160, align 64
  %v910 = insertelement <16 x i64> poison, i64 %v788, i64 0
  %v911 = shufflevector <16 x i64> %v910, <16 x i64> poison, <16 x i32> zeroinitializer
  %v912 = add <16 x i64> %v911, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v913 = icmp ult <16 x i64> %v912, splat (i64 20)
  %v914 = select <16 x i1> %v913, <16 x float> %v881, <16 x float> zeroinitializer
  %v915 = load <16 x float>, ptr %v161, align 64
  %v916 = fadd <16 x float> %v915, %v914
  store <16 x float> %v916, ptr %v161, align 64
  %v917 = insertelement <16 x i64> poison, i64 %v788, i64 0
  %v918 = shufflevector <16 x i64> %v917, <16 x i64> poison, <16 x i32> zeroinitializer
  %v919 = add <16 x i64> %v918, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v920 = icmp ult <16 x i64> %v919, splat (i64 20)
  %v921 = select <16 x i1> %v920, <16 x float> %v889, <16 x float> zeroinitializer
  %v922 = load <16 x float>, ptr %v162, align 64
  %v923 = fadd <16 x float> %v922, %v921
  store <16 x float> %v923, ptr %v162, align 64
  %v924 = insertelement <16 x i64> poison, i64 %v788, i64 0
  %v925 = shufflevector <16 x i64> %v924, <16 x i64> poison, <16 x i32> zeroinitializer
  %v926 = add <16 x i64> %v925, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v927 = icmp ult <16 x i64> %v926, splat (i64 20)
  %v928 = select <16 x i1> %v927, <16 x float> %v892, <16 x float> zeroinitializer
  %v929 = load <16 x float>, ptr %v163, align 64
  %v930 = fadd <16 x float> %v929, %v928
  store <16 x float> %v930, ptr %v163, align 64
  %v931 = insertelement <16 x i64> poison, i64 %v788, i64 0
  %v932 = shufflevector <16 x i64> %v931, <16 x i64> poison, <16 x i32> zeroinitializer
  %v933 = add <16 x i64> %v932, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v934 = icmp ult <16 x i64> %v933, splat (i64 20)
  %v935 = select <16 x i1> %v934, <16 x float> %v895, <16 x float> zeroinitializer
  %v936 = load <16 x float>, ptr %v164, align 64
  %v937 = fadd <16 x float> %v936, %v935
  store <16 x float> %v937, ptr %v164, align 64
  %v938 = mul i64 %v208, 448
  %v939 = getelementptr inbounds float, ptr %v72, i64 %v938
  %v940 = getelementptr inbounds float, ptr %v939, i64 160
  %v941 = getelementptr inbounds float, ptr %v940, i64 %v788
  %v942 = load <16 x float>, ptr %v941, align 4
  %v943 = fadd <16 x float> %v942, %v864
  store <16 x float> %v943, ptr %v941, align 4
  %v944 = mul i64 %v208, 448
  %v945 = getelementptr inbounds float, ptr %v72, i64 %v944
  %v946 = getelementptr inbounds float, ptr %v945, i64 192
  %v947 = getelementptr inbounds float, ptr %v946, i64 %v788
  %v948 = load <16 x float>, ptr %v947, align 4
  %v949 = fadd <16 x float> %v948, %v857
  store <16 x float> %v949, ptr %v947, align 4
  %v950 = mul i64 %v208, 448
  %v951 = getelementptr inbounds float, ptr %v72, i64 %v950
  %v952 = getelementptr inbounds float, ptr %v951, i64 224
  %v953 = getelementptr inbounds float, ptr %v952, i64 %v788
  %v954 = load <16 x float>, ptr %v953, align 4
  %v955 = fadd <16 x float> %v954, %v853
  store <16 x float> %v955, ptr %v953, align 4
  %v956 = mul i64 %v208, 448
  %v957 = getelementptr inbounds float, ptr %v72, i64 %v956
  %v958 = getelementptr inbounds float, ptr %v957, i64 256
  %v959 = getelementptr inbounds float, ptr %v958, i64 %v788
  %v960 = load <16 x float>, ptr %v959, align 4
  %v961 = fadd <16 x float> %v960, %v846
  store <16 x float> %v961, ptr %v959, align 4
  %v962 = mul i64 %v208, 448
  %v963 = getelementptr inbounds float, ptr %v72, i64 %v962
  %v964 = getelementptr inbounds float, ptr %v963, i64 288
  %v965 = getelementptr inbounds float, ptr %v964, i64 %v788
  %v966 = load <16 x float>, ptr %v965, align 4
  %v967 = fadd <16 x float> %v966, %v839
  store <16 x float> %v967, ptr %v965, align 4
  %v968 = mul i64 %v208, 448
  %v969 = getelementptr inbounds float, ptr %v72, i64 %v968
  %v970 = getelementptr inbounds float, ptr %v969, i64 320
  %v971 = getelementptr inbounds float, ptr %v970, i64 %v788
  %v972 = load <16 x float>, ptr %v971, align 4
  %v973 = fadd <16 x float> %v972, %v835
  store <16 x float> %v973, ptr %v971, align 4
  %v974 = mul i64 %v208, 448
  %v975 = getelementptr inbounds float, ptr %v72, i64 %v974
  %v976 = getelementptr inbounds float, ptr %v975, i64 352
  %v977 = getelementptr inbounds float, ptr %v976, i64 %v788
  %v978 = load <16 x float>, ptr %v977, align 4
  %v979 = fadd <16 x float> %v978, %v828
  store <16 x float> %v979, ptr %v977, align 4
  %v980 = mul i64 %v208, 448
  %v981 = getelementptr inbounds float, ptr %v72, i64 %v980
  %v982 = getelementptr inbounds float, ptr %v981, i64 384
  %v983 = getelementptr inbounds float, ptr %v982, i64 %v788
  %v984 = load <16 x float>, ptr %v983, align 4
  %v985 = fadd <16 x float> %v984, %v821
  store <16 x float> %v985, ptr %v983, align 4
  %v986 = mul i64 %v208, 448
  %v987 = getelementptr inbounds float, ptr %v72, i64 %v986
  %v988 = getelementptr inbounds float, ptr %v987, i64 416
  %v989 = getelementptr inbounds float, ptr %v988, i64 %v788
  %v990 = load <16 x float>, ptr %v989, align 4
  %v991 = fadd <16 x float> %v990, %v817
  store <16 x float> %v991, ptr %v989, align 4
  %v992 = getelementptr inbounds float, ptr %v776, i64 80
  %v993 = getelementptr inbounds float, ptr %v992, i64 %v788
  store <16 x float> %v813, ptr %v993, align 4
  %v994 = getelementptr inbounds float, ptr %v776, i64 1040
  %v995 = getelementptr inbounds float, ptr %v994, i64 %v788
  store <16 x float> %v873, ptr %v995, align 4
  %v996 = getelementptr inbounds float, ptr %v776, i64 1088
  %v997 = getelementptr inbounds float, ptr %v996, i64 %v788
  store <16 x float> %v876, ptr %v997, align 4
  %v998 = getelementptr inbounds float, ptr %v776, i64 1136
  %v999 = getelementptr inbounds float, ptr %v998, i64 %v788
  store <16 x float> %v879, ptr %v999, align 4
  %v1000 = getelementptr inbounds float, ptr %v776, i64 1584
  %v1001 = getelementptr inbounds float, ptr %v1000, i64 %v788
  store <16 x float> %v887, ptr %v1001, align 4
  %v1002 = getelementptr inbounds float, ptr %v776, i64 1632
  %v1003 = getelementptr inbounds float, ptr %v1002, i64 %v788
  store <16 x float> %v890, ptr %v1003, align 4
  %v1004 = getelementptr inbounds float, ptr %v776, i64 1680
  %v1005 = getelementptr inbounds float, ptr %v1004, i64 %v788
  store <16 x float> %v893, ptr %v1005, align 4
  %v786 = add nuw nsw i64 %v785, 1
  br label %head784
done784:
  %v1006 = load <16 x float>, ptr %v159, align 64
  %v1007 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1006)
  %v1008 = insertelement <16 x float> poison, float %v1007, i64 0
  %v1009 = shufflevector <16 x float> %v1008, <16 x float> poison, <16 x i32> zeroinitializer
  %v1010 = getelementptr inbounds float, ptr %v776, i64 1072
  store <16 x float> %v1009, ptr %v1010, align 4
  %v1011 = load <16 x float>, ptr %v160, align 64
  %v1012 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1011)
  %v1013 = insertelement <16 x float> poison, float %v1012, i64 0
  %v1014 = shufflevector <16 x float> %v1013, <16 x float> poison, <16 x i32> zeroinitializer
  %v1015 = getelementptr inbounds float, ptr %v776, i64 1120
  store <16 x float> %v1014, ptr %v1015, align 4
  %v1016 = load <16 x float>, ptr %v161, align 64
  %v1017 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1016)
  %v1018 = insertelement <16 x float> poison, float %v1017, i64 0
  %v1019 = shufflevector <16 x float> %v1018, <16 x float> poison, <16 x i32> zeroinitializer
  %v1020 = getelementptr inbounds float, ptr %v776, i64 1168
  store <16 x float> %v1019, ptr %v1020, align 4
  %v1021 = load <16 x float>, ptr %v162, align 64
  %v1022 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1021)
  %v1023 = insertelement <16 x float> poison, float %v1022, i64 0
  %v1024 = shufflevector <16 x float> %v1023, <16 x float> poison, <16 x i32> zeroinitializer
  %v1025 = getelementptr inbounds float, ptr %v776, i64 1616
  store <16 x float> %v1024, ptr %v1025, align 4
  %v1026 = load <16 x float>, ptr %v163, align 64
  %v1027 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1026)
  %v1028 = insertelement <16 x float> poison, float %v1027, i64 0
  %v1029 = shufflevector <16 x float> %v1028, <16 x float> poison, <16 x i32> zeroinitializer
  %v1030 = getelementptr inbounds float, ptr %v776, i64 1664
  store <16 x float> %v1029, ptr %v1030, align 4
  %v1031 = load <16 x float>, ptr %v164, align 64
  %v1032 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1031)
  %v1033 = insertelement <16 x float> poison, float %v1032, i64 0
  %v1034 = shufflevector <16 x float> %v1033, <16 x float> poison, <16 x i32> zeroinitializer
  %v1035 = getelementptr inbounds float, ptr %v776, i64 1712
  store <16 x float> %v1034, ptr %v1035, align 4
  %v773 = add nuw nsw i64 %v772, 1
  br label %head771
done771:
  br label %end770
end770:
  br i1 %v179, label %then1036, label %end1036
then1036:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1036
end1036:
  br i1 %v178, label %then1037, label %end1037
then1037:
  br label %head1038
head1038:
  %v1039 = phi i64 [ 0, %then1037 ], [ %v1040, %done1111 ]
  %v1041 = icmp slt i64 %v1039, %v403
  br i1 %v1041, label %body1038, label %done1038
body1038:
  %v1042 = mul i64 %v1039, 2096
  %v1043 = getelementptr inbounds float, ptr %v195, i64 %v1042
  %v1044 = add i64 %v406, %v1039
  %v1045 = getelementptr inbounds float, ptr %v1043, i64 1024
  %v1046 = load float, ptr %v1045, align 4
  %v1047 = insertelement <16 x float> poison, float %v1046, i64 0
  %v1048 = shufflevector <16 x float> %v1047, <16 x float> poison, <16 x i32> zeroinitializer
  %v1049 = getelementptr inbounds float, ptr %v1043, i64 1072
  %v1050 = load float, ptr %v1049, align 4
  %v1051 = insertelement <16 x float> poison, float %v1050, i64 0
  %v1052 = shufflevector <16 x float> %v1051, <16 x float> poison, <16 x i32> zeroinitializer
  %v1053 = fadd contract <16 x float> %v1048, %v1052
  %v1054 = getelementptr inbounds float, ptr %v1043, i64 1120
  %v1055 = load float, ptr %v1054, align 4
  %v1056 = insertelement <16 x float> poison, float %v1055, i64 0
  %v1057 = shufflevector <16 x float> %v1056, <16 x float> poison, <16 x i32> zeroinitializer
  %v1058 = fadd contract <16 x float> %v1053, %v1057
  %v1059 = getelementptr inbounds float, ptr %v1043, i64 1168
  %v1060 = load float, ptr %v1059, align 4
  %v1061 = insertelement <16 x float> poison, float %v1060, i64 0
  %v1062 = shufflevector <16 x float> %v1061, <16 x float> poison, <16 x i32> zeroinitializer
  %v1063 = fadd contract <16 x float> %v1058, %v1062
  %v1064 = fmul contract <16 x float> %v1063, splat (float 0x3FE0000000000000)
  %v1065 = mul i64 %v1044, 16
  %v1066 = getelementptr inbounds float, ptr %v100, i64 %v1065
  %v1067 = load float, ptr %v1066, align 4
  %v1068 = insertelement <16 x float> poison, float %v1067, i64 0
  %v1069 = shufflevector <16 x float> %v1068, <16 x float> poison, <16 x i32> zeroinitializer
  %v1070 = fdiv contract <16 x float> %v1064, %v1069
  %v1071 = fdiv contract <16 x float> %v1070, splat (float 0x4054000000000000)
  %v1072 = getelementptr inbounds float, ptr %v1043, i64 1568
  %v1073 = load float, ptr %v1072, align 4
  %v1074 = insertelement <16 x float> poison, float %v1073, i64 0
  %v1075 = shufflevector <16 x float> %v1074, <16 x float> poison, <16 x i32> zeroinitializer
  %v1076 = getelementptr inbounds float, ptr %v1043, i64 1616
  %v1077 = load float, ptr %v1076, align 4
  %v1078 = insertelement <16 x float> poison, float %v1077, i64 0
  %v1079 = shufflevector <16 x float> %v1078, <16 x float> poison, <16 x i32> zeroinitializer
  %v1080 = fadd contract <16 x float> %v1075, %v1079
  %v1081 = getelementptr inbounds float, ptr %v1043, i64 1664
  %v1082 = load float, ptr %v1081, align 4
  %v1083 = insertelement <16 x float> poison, float %v1082, i64 0
  %v1084 = shufflevector <16 x float> %v1083, <16 x float> poison, <16 x i32> zeroinitializer
  %v1085 = fadd contract <16 x float> %v1080, %v1084
  %v1086 = getelementptr inbounds float, ptr %v1043, i64 1712
  %v1087 = load float, ptr %v1086, align 4
  %v1088 = insertelement <16 x float> poison, float %v1087, i64 0
  %v1089 = shufflevector <16 x float> %v1088, <16 x float> poison, <16 x i32> zeroinitializer
  %v1090 = fadd contract <16 x float> %v1085, %v1089
  %v1091 = fmul contract <16 x float> %v1090, splat (float 0x3FE0000000000000)
  %v1092 = mul i64 %v1044, 16
  %v1093 = getelementptr inbounds float, ptr %v90, i64 %v1092
  %v1094 = load float, ptr %v1093, align 4
  %v1095 = insertelement <16 x float> poison, float %v1094, i64 0
  %v1096 = shufflevector <16 x float> %v1095, <16 x float> poison, <16 x i32> zeroinitializer
  %v1097 = fdiv contract <16 x float> %v1091, %v1096
  %v1098 = fdiv contract <16 x float> %v1097, splat (float 0x4054000000000000)
  %v1099 = getelementptr inbounds float, ptr %v1043, i64 1184
  store <16 x float> %v1053, ptr %v1099, align 4
  %v1100 = getelementptr inbounds float, ptr %v1043, i64 1200
  store <16 x float> %v1058, ptr %v1100, align 4
  %v1101 = getelementptr inbounds float, ptr %v1043, i64 1216
  store <16 x float> %v1063, ptr %v1101, align 4
  %v1102 = getelementptr inbounds float, ptr %v1043, i64 1232
  store <16 x float> %v1064, ptr %v1102, align 4
  %v1103 = getelementptr inbounds float, ptr %v1043, i64 1248
  store <16 x float> %v1070, ptr %v1103, align 4
  %v1104 = getelementptr inbounds float, ptr %v1043, i64 1264
  store <16 x float> %v1071, ptr %v1104, align 4
  %v1105 = getelementptr inbounds float, ptr %v1043, i64 1728
  store <16 x float> %v1080, ptr %v1105, align 4
  %v1106 = getelementptr inbounds float, ptr %v1043, i64 1744
  store <16 x float> %v1085, ptr %v1106, align 4
  %v1107 = getelementptr inbounds float, ptr %v1043, i64 1760
  store <16 x float> %v1090, ptr %v1107, align 4
  %v1108 = getelementptr inbounds float, ptr %v1043, i64 1776
  store <16 x float> %v1091, ptr %v1108, align 4
  %v1109 = getelementptr inbounds float, ptr %v1043, i64 1792
  store <16 x float> %v1097, ptr %v1109, align 4
  %v1110 = getelementptr inbounds float, ptr %v1043, i64 1808
  store <16 x float> %v1098, ptr %v1110, align 4
  store <16 x float> zeroinitializer, ptr %v165, align 64
  store <16 x float> zeroinitializer, ptr %v166, align 64
  store <16 x float> zeroinitializer, ptr %v167, align 64
  store <16 x float> zeroinitializer, ptr %v168, align 64
  store <16 x float> zeroinitializer, ptr %v169, align 64
  store <16 x float> zeroinitializer, ptr %v170, align 64
  store <16 x float> zeroinitializer, ptr %v171, align 64
  store <16 x float> zeroinitializer, ptr %v172, align 64
  br label %head1111
head1111:
  %v1112 = phi i64 [ 0, %body1038 ], [ %v1113, %body1111 ]
  %v1114 = icmp slt i64 %v1112, 2
  br i1 %v1114, label %body1111, label %done1111
body1111:
  %v1115 = mul i64 %v1112, 16
  %v1116 = getelementptr inbounds float, ptr %v1043, i64 1264
  %v1117 = load float, ptr %v1116, align 4
  %v1118 = insertelement <16 x float> poison, float %v1117, i64 0
  %v1119 = shufflevector <16 x float> %v1118, <16 x float> poison, <16 x i32> zeroinitializer
  %v1120 = mul i64 %v1044, 48
  %v1121 = getelementptr inbounds float, ptr %v98, i64 %v1120
  %v1122 = getelementptr inbounds float, ptr %v1121, i64 %v1115
  %v1123 = load <16 x float>, ptr %v1122, align 4
  %v1124 = fmul contract <16 x float> %v1119, %v1123
  %v1125 = mul i64 %v1044, 48
  %v1126 = getelementptr inbounds float, ptr %v96, i64 %v1125
  %v1127 = getelementptr inbounds float, ptr %v1126, i64 %v1115
  %v1128 = load <16 x float>, ptr %v1127, align 4
  %v1129 = fmul contract <16 x float> %v1119, %v1128
  %v1130 = mul i64 %v1044, 48
  %v1131 = getelementptr inbounds float, ptr %v94, i64 %v1130
  %v1132 = getelementptr inbounds float, ptr %v1131, i64 %v1115
  %v1133 = load <16 x float>, ptr %v1132, align 4
  %v1134 = fmul contract <16 x float> %v1119, %v1133
  %v1135 = mul i64 %v1044, 48
  %v1136 = getelementptr inbounds float, ptr %v92, i64 %v1135
  %v1137 = getelementptr inbounds float, ptr %v1136, i64 %v1115
  %v1138 = load <16 x float>, ptr %v1137, align 4
  %v1139 = fmul contract <16 x float> %v1119, %v1138
  %v1140 = getelementptr inbounds float, ptr %v1043, i64 992
  %v1141 = getelementptr inbounds float, ptr %v1140, i64 %v1115
  %v1142 = load <16 x float>, ptr %v1141, align 4
  %v1143 = fadd contract <16 x float> %v1142, %v1124
  %v1144 = fadd contract <16 x float> %v1143, %v1124
  %v1145 = fneg <16 x float> %v1144
  %v1146 = getelementptr inbounds float, ptr %v1043, i64 1040
  %v1147 = getelementptr inbounds float, ptr %v1146, i64 %v1115
  %v1148 = load <16 x float>, ptr %v1147, align 4
  %v1149 = fadd contract <16 x float> %v1148, %v1129
  %v1150 = fadd contract <16 x float> %v1149, %v1129
  %v1151 = fneg <16 x float> %v1150
  %v1152 = getelementptr inbounds float, ptr %v1043, i64 1088
  %v1153 = getelementptr inbounds float, ptr %v1152, i64 %v1115
  %v1154 = load <16 x float>, ptr %v1153, align 4
  %v1155 = fadd contract <16 x float> %v1154, %v1134
  %v1156 = fadd contract <16 x float> %v1155, %v1134
  %v1157 = fneg <16 x float> %v1156
  %v1158 = getelementptr inbounds float, ptr %v1043, i64 1136
  %v1159 = getelementptr inbounds float, ptr %v1158, i64 %v1115
  %v1160 = load <16 x float>, ptr %v1159, align 4
  %v1161 = fadd contract <16 x float> %v1160, %v1139
  %v1162 = fadd contract <16 x float> %v1161, %v1139
  %v1163 = fneg <16 x float> %v1162
  %v1164 = getelementptr inbounds float, ptr %v1043, i64 1808
  %v1165 = load float, ptr %v1164, align 4
  %v1166 = insertelement <16 x float> poison, float %v1165, i64 0
  %v1167 = shufflevector <16 x float> %v1166, <16 x float> poison, <16 x i32> zeroinitializer
  %v1168 = mul i64 %v1044, 48
  %v1169 = getelementptr inbounds float, ptr %v88, i64 %v1168
  %v1170 = getelementptr inbounds float, ptr %v1169, i64 %v1115
  %v1171 = load <16 x float>, ptr %v1170, align 4
  %v1172 = fmul contract <16 x float> %v1167, %v1171
  %v1173 = mul i64 %v1044, 48
  %v1174 = getelementptr inbounds float, ptr %v86, i64 %v1173
  %v1175 = getelementptr inbounds float, ptr %v1174, i64 %v1115
  %v1176 = load <16 x float>, ptr %v1175, align 4
  %v1177 = fmul contract <16 x float> %v1167, %v1176
  %v1178 = mul i64 %v1044, 48
  %v1179 = getelementptr inbounds float, ptr %v84, i64 %v1178
  %v1180 = getelementptr inbounds float, ptr %v1179, i64 %v1115
  %v1181 = load <16 x float>, ptr %v1180, align 4
  %v1182 = fmul contract <16 x float> %v1167, %v1181
  %v1183 = mul i64 %v1044, 48
  %v1184 = getelementptr inbounds float, ptr %v82, i64 %v1183
  %v1185 = getelementptr inbounds float, ptr %v1184, i64 %v1115
  %v1186 = load <16 x float>, ptr %v1185, align 4
  %v1187 = fmul contract <16 x float> %v1167, %v1186
  %v1188 = getelementptr inbounds float, ptr %v1043, i64 1536
  %v1189 = getelementptr inbounds float, ptr %v1188, i64 %v1115
  %v1190 = load <16 x float>, ptr %v1189, align 4
  %v1191 = fadd contract <16 x float> %v1190, %v1172
  %v1192 = fadd contract <16 x float> %v1191, %v1172
  %v1193 = fneg <16 x float> %v1192
  %v1194 = getelementptr inbounds float, ptr %v1043, i64 1584
  %v1195 = getelementptr inbounds float, ptr %v1194, i64 %v1115
  %v1196 = load <16 x float>, ptr %v1195, align 4
  %v1197 = fadd contract <16 x float> %v1196, %v1177
  %v1198 = fadd contract <16 x float> %v1197, %v1177
  %v1199 = fneg <16 x float> %v1198
  %v1200 = getelementptr inbounds float, ptr %v1043, i64 1632
  %v1201 = getelementptr inbounds float, ptr %v1200, i64 %v1115
  %v1202 = load <16 x float>, ptr %v1201, align 4
  %v1203 = fadd contract <16 x float> %v1202, %v1182
  %v1204 = fadd contract <16 x float> %v1203, %v1182
  %v1205 = fneg <16 x float> %v1204
  %v1206 = getelementptr inbounds float, ptr %v1043, i64 1680
  %v1207 = getelementptr inbounds float, ptr %v1206, i64 %v1115
  %v1208 = load <16 x float>, ptr %v1207, align 4
  %v1209 = fadd contract <16 x float> %v1208, %v1187
  %v1210 = fadd contract <16 x float> %v1209, %v1187
  %v1211 = fneg <16 x float> %v1210
  %v1212 = insertelement <16 x i64> poison, i64 %v1115, i64 0
  %v1213 = shufflevector <16 x i64> %v1212, <16 x i64> poison, <16 x i32> zeroinitializer
  %v1214 = add <16 x i64> %v1213, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v1215 = icmp ult <16 x i64> %v1214, splat (i64 20)
  %v1216 = select <16 x i1> %v1215, <16 x float> %v1145, <16 x float> zeroinitializer
  %v1217 = load <16 x float>, ptr %v165, align 64
  %v1218 = fadd <16 x float> %v1217, %v1216
  store <16 x float> %v1218, ptr %v165, align 64
  %v1219 = insertelement <16 x i64> poison, i64 %v1115, i64 0
  %v1220 = shufflevector <16 x i64> %v1219, <16 x i64> poison, <16 x i32> zeroinitializer
  %v1221 = add <16 x i64> %v1220, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v1222 = icmp ult <16 x i64> %v1221, splat (i64 20)
  %v1223 = select <16 x i1> %v1222, <16 x float> %v1151, <16 x float> zeroinitializer
  %v1224 = load <16 x float>, ptr %v166, align 64
  %v1225 = fadd <16 x float> %v1224, %v1223
  store <16 x float> %v1225, ptr %v166, align 64
  %v1226 = insertelement <16 x i64> poison, i64 %v1115, i64 0
  %v1227 = shufflevector <16 x i64> %v1226, <16 x i64> poison, <16 x i32> zeroinitializer
  %v1228 = add <16 x i64> %v1227, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v1229 = icmp ult <16 x i64> %v1228, splat (i64 20)
  %v1230 = select <16 x i1> %v1229, <16 x float> %v1157, <16 x float> zeroinitializer
  %v1231 = load <16 x float>, ptr %v167, align 64
  %v1232 = fadd <16 x float> %v1231, %v1230
  store <16 x float> %v1232, ptr %v167, align 64
  %v1233 = insertelement <16 x i64> poison, i64 %v1115, i64 0
  %v1234 = shufflevector <16 x i64> %v1233, <16 x i64> poison, <16 x i32> zeroinitializer
  %v1235 = add <16 x i64> %v1234, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v1236 = icmp ult <16 x i64> %v1235, splat (i64 20)
  %v1237 = select <16 x i1> %v1236, <16 x float> %v1163, <16 x float> zeroinitializer
  %v1238 = load <16 x float>, ptr %v168, align 64
  %v1239 = fadd <16 x float> %v1238, %v1237
  store <16 x float> %v1239, ptr %v168, align 64
  %v1240 = insertelement <16 x i64> poison, i64 %v1115, i64 0
  %v1241 = shufflevector <16 x i64> %v1240, <16 x i64> poison, <16 x i32> zeroinitializer
  %v1242 = add <16 x i64> %v1241, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v1243 = icmp ult <16 x i64> %v1242, splat (i64 20)
  %v1244 = select <16 x i1> %v1243, <16 x float> %v1193, <16 x float> zeroinitializer
  %v1245 = load <16 x float>, ptr %v169, align 64
  %v1246 = fadd <16 x float> %v1245, %v1244
  store <16 x float> %v1246, ptr %v169, align 64
  %v1247 = insertelement <16 x i64> poison, i64 %v1115, i64 0
  %v1248 = shufflevector <16 x i64> %v1247, <16 x i64> poison, <16 x i32> zeroinitializer
  %v1249 = add <16 x i64> %v1248, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v1250 = icmp ult <16 x i64> %v1249, splat (i64 20)
  %v1251 = select <16 x i1> %v1250, <16 x float> %v1199, <16 x float> zeroinitializer
  %v1252 = load <16 x float>, ptr %v170, align 64
  %v1253 = fadd <16 x float> %v1252, %v1251
  store <16 x float> %v1253, ptr %v170, align 64
  %v1254 = insertelement <16 x i64> poison, i64 %v1115, i64 0
  %v1255 = shufflevector <16 x i64> %v1254, <16 x i64> poison, <16 x i32> zeroinitializer
  %v1256 = add <16 x i64> %v1255, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v1257 = icmp ult <16 x i64> %v1256, splat (i64 20)
  %v1258 = select <16 x i1> %v1257, <16 x float> %v1205, <16 x float> zeroinitializer
  %v1259 = load <16 x float>, ptr %v171, align 64
  %v1260 = fadd <16 x float> %v1259, %v1258
  store <16 x float> %v1260, ptr %v171, align 64
  %v1261 = insertelement <16 x i64> poison, i64 %v1115, i64 0
  %v1262 = shufflevector <16 x i64> %v1261, <16 x i64> poison, <16 x i32> zeroinitializer
  %v1263 = add <16 x i64> %v1262, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v1264 = icmp ult <16 x i64> %v1263, splat (i64 20)
  %v1265 = select <16 x i1> %v1264, <16 x float> %v1211, <16 x float> zeroinitializer
  %v1266 = load <16 x float>, ptr %v172, align 64
  %v1267 = fadd <16 x float> %v1266, %v1265
  store <16 x float> %v1267, ptr %v172, align 64
  %v1268 = getelementptr inbounds float, ptr %v1043, i64 1280
  %v1269 = getelementptr inbounds float, ptr %v1268, i64 %v1115
  store <16 x float> %v1144, ptr %v1269, align 4
  %v1270 = getelementptr inbounds float, ptr %v1043, i64 1328
  %v1271 = getelementptr inbounds float, ptr %v1270, i64 %v1115
  store <16 x float> %v1150, ptr %v1271, align 4
  %v1272 = getelementptr inbounds float, ptr %v1043, i64 1376
  %v1273 = getelementptr inbounds float, ptr %v1272, i64 %v1115
  store <16 x float> %v1156, ptr %v1273, align 4
  %v1274 = getelementptr inbounds float, ptr %v1043, i64 1424
  %v1275 = getelementptr inbounds float, ptr %v1274, i64 %v1115
  store <16 x float> %v1162, ptr %v1275, align 4
  %v1276 = getelementptr inbounds float, ptr %v1043, i64 1824
  %v1277 = getelementptr inbounds float, ptr %v1276, i64 %v1115
  store <16 x float> %v1192, ptr %v1277, align 4
  %v1278 = getelementptr inbounds float, ptr %v1043, i64 1872
  %v1279 = getelementptr inbounds float, ptr %v1278, i64 %v1115
  store <16 x float> %v1198, ptr %v1279, align 4
  %v1280 = getelementptr inbounds float, ptr %v1043, i64 1920
  %v1281 = getelementptr inbounds float, ptr %v1280, i64 %v1115
  store <16 x float> %v1204, ptr %v1281, align 4
  %v1282 = getelementptr inbounds float, ptr %v1043, i64 1968
  %v1283 = getelementptr inbounds float, ptr %v1282, i64 %v1115
  store <16 x float> %v1210, ptr %v1283, align 4
  %v1113 = add nuw nsw i64 %v1112, 1
  br label %head1111
done1111:
  %v1284 = load <16 x float>, ptr %v165, align 64
  %v1285 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1284)
  %v1286 = insertelement <16 x float> poison, float %v1285, i64 0
  %v1287 = shufflevector <16 x float> %v1286, <16 x float> poison, <16 x i32> zeroinitializer
  %v1288 = getelementptr inbounds float, ptr %v1043, i64 1312
  store <16 x float> %v1287, ptr %v1288, align 4
  %v1289 = load <16 x float>, ptr %v166, align 64
  %v1290 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1289)
  %v1291 = insertelement <16 x float> poison, float %v1290, i64 0
  %v1292 = shufflevector <16 x float> %v1291, <16 x float> poison, <16 x i32> zeroinitializer
  %v1293 = getelementptr inbounds float, ptr %v1043, i64 1360
  store <16 x float> %v1292, ptr %v1293, align 4
  %v1294 = load <16 x float>, ptr %v167, align 64
  %v1295 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1294)
  %v1296 = insertelement <16 x float> poison, float %v1295, i64 0
  %v1297 = shufflevector <16 x float> %v1296, <16 x float> poison, <16 x i32> zeroinitializer
  %v1298 = getelementptr inbounds float, ptr %v1043, i64 1408
  store <16 x float> %v1297, ptr %v1298, align 4
  %v1299 = load <16 x float>, ptr %v168, align 64
  %v1300 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1299)
  %v1301 = insertelement <16 x float> poison, float %v1300, i64 0
  %v1302 = shufflevector <16 x float> %v1301, <16 x float> poison, <16 x i32> zeroinitializer
  %v1303 = getelementptr inbounds float, ptr %v1043, i64 1456
  store <16 x float> %v1302, ptr %v1303, align 4
  %v1304 = load <16 x float>, ptr %v169, align 64
  %v1305 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1304)
  %v1306 = insertelement <16 x float> poison, float %v1305, i64 0
  %v1307 = shufflevector <16 x float> %v1306, <16 x float> poison, <16 x i32> zeroinitializer
  %v1308 = getelementptr inbounds float, ptr %v1043, i64 1856
  store <16 x float> %v1307, ptr %v1308, align 4
  %v1309 = load <16 x float>, ptr %v170, align 64
  %v1310 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1309)
  %v1311 = insertelement <16 x float> poison, float %v1310, i64 0
  %v1312 = shufflevector <16 x float> %v1311, <16 x float> poison, <16 x i32> zeroinitializer
  %v1313 = getelementptr inbounds float, ptr %v1043, i64 1904
  store <16 x float> %v1312, ptr %v1313, align 4
  %v1314 = load <16 x float>, ptr %v171, align 64
  %v1315 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1314)
  %v1316 = insertelement <16 x float> poison, float %v1315, i64 0
  %v1317 = shufflevector <16 x float> %v1316, <16 x float> poison, <16 x i32> zeroinitializer
  %v1318 = getelementptr inbounds float, ptr %v1043, i64 1952
  store <16 x float> %v1317, ptr %v1318, align 4
  %v1319 = load <16 x float>, ptr %v172, align 64
  %v1320 = call reassoc float @llvm.vector.reduce.fadd.v16f32(float 0x8000000000000000, <16 x float> %v1319)
  %v1321 = insertelement <16 x float> poison, float %v1320, i64 0
  %v1322 = shufflevector <16 x float> %v1321, <16 x float> poison, <16 x i32> zeroinitializer
  %v1323 = getelementptr inbounds float, ptr %v1043, i64 2000
  store <16 x float> %v1322, ptr %v1323, align 4
  %v1040 = add nuw nsw i64 %v1039, 1
  br label %head1038
done1038:
  br label %end1037
end1037:
  br i1 %v179, label %then1324, label %end1324
then1324:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1324
end1324:
  br i1 %v178, label %then1325, label %end1325
then1325:
  br label %head1326
head1326:
  %v1327 = phi i64 [ 0, %then1325 ], [ %v1328, %done1381 ]
  %v1329 = icmp slt i64 %v1327, %v403
  br i1 %v1329, label %body1326, label %done1326
body1326:
  %v1330 = mul i64 %v1327, 2096
  %v1331 = getelementptr inbounds float, ptr %v195, i64 %v1330
  %v1332 = add i64 %v406, %v1327
  %v1333 = getelementptr inbounds float, ptr %v1331, i64 1312
  %v1334 = load float, ptr %v1333, align 4
  %v1335 = insertelement <16 x float> poison, float %v1334, i64 0
  %v1336 = shufflevector <16 x float> %v1335, <16 x float> poison, <16 x i32> zeroinitializer
  %v1337 = getelementptr inbounds float, ptr %v1331, i64 1360
  %v1338 = load float, ptr %v1337, align 4
  %v1339 = insertelement <16 x float> poison, float %v1338, i64 0
  %v1340 = shufflevector <16 x float> %v1339, <16 x float> poison, <16 x i32> zeroinitializer
  %v1341 = fadd contract <16 x float> %v1336, %v1340
  %v1342 = getelementptr inbounds float, ptr %v1331, i64 1408
  %v1343 = load float, ptr %v1342, align 4
  %v1344 = insertelement <16 x float> poison, float %v1343, i64 0
  %v1345 = shufflevector <16 x float> %v1344, <16 x float> poison, <16 x i32> zeroinitializer
  %v1346 = fadd contract <16 x float> %v1341, %v1345
  %v1347 = getelementptr inbounds float, ptr %v1331, i64 1456
  %v1348 = load float, ptr %v1347, align 4
  %v1349 = insertelement <16 x float> poison, float %v1348, i64 0
  %v1350 = shufflevector <16 x float> %v1349, <16 x float> poison, <16 x i32> zeroinitializer
  %v1351 = fadd contract <16 x float> %v1346, %v1350
  %v1352 = fdiv contract <16 x float> %v1351, splat (float 0x4054000000000000)
  %v1353 = getelementptr inbounds float, ptr %v1331, i64 1856
  %v1354 = load float, ptr %v1353, align 4
  %v1355 = insertelement <16 x float> poison, float %v1354, i64 0
  %v1356 = shufflevector <16 x float> %v1355, <16 x float> poison, <16 x i32> zeroinitializer
  %v1357 = getelementptr inbounds float, ptr %v1331, i64 1904
  %v1358 = load float, ptr %v1357, align 4
  %v1359 = insertelement <16 x float> poison, float %v1358, i64 0
  %v1360 = shufflevector <16 x float> %v1359, <16 x float> poison, <16 x i32> zeroinitializer
  %v1361 = fadd contract <16 x float> %v1356, %v1360
  %v1362 = getelementptr inbounds float, ptr %v1331, i64 1952
  %v1363 = load float, ptr %v1362, align 4
  %v1364 = insertelement <16 x float> poison, float %v1363, i64 0
  %v1365 = shufflevector <16 x float> %v1364, <16 x float> poison, <16 x i32> zeroinitializer
  %v1366 = fadd contract <16 x float> %v1361, %v1365
  %v1367 = getelementptr inbounds float, ptr %v1331, i64 2000
  %v1368 = load float, ptr %v1367, align 4
  %v1369 = insertelement <16 x float> poison, float %v1368, i64 0
  %v1370 = shufflevector <16 x float> %v1369, <16 x float> poison, <16 x i32> zeroinitializer
  %v1371 = fadd contract <16 x float> %v1366, %v1370
  %v1372 = fdiv contract <16 x float> %v1371, splat (float 0x4054000000000000)
  %v1373 = getelementptr inbounds float, ptr %v1331, i64 1472
  store <16 x float> %v1341, ptr %v1373, align 4
  %v1374 = getelementptr inbounds float, ptr %v1331, i64 1488
  store <16 x float> %v1346, ptr %v1374, align 4
  %v1375 = getelementptr inbounds float, ptr %v1331, i64 1504
  store <16 x float> %v1351, ptr %v1375, align 4
  %v1376 = getelementptr inbounds float, ptr %v1331, i64 1520
  store <16 x float> %v1352, ptr %v1376, align 4
  %v1377 = getelementptr inbounds float, ptr %v1331, i64 2016
  store <16 x float> %v1361, ptr %v1377, align 4
  %v1378 = getelementptr inbounds float, ptr %v1331, i64 2032
  store <16 x float> %v1366, ptr %v1378, align 4
  %v1379 = getelementptr inbounds float, ptr %v1331, i64 2048
  store <16 x float> %v1371, ptr %v1379, align 4
  %v1380 = getelementptr inbounds float, ptr %v1331, i64 2064
  store <16 x float> %v1372, ptr %v1380, align 4
  br label %head1381
head1381:
  %v1382 = phi i64 [ 0, %body1326 ], [ %v1383, %body1381 ]
  %v1384 = icmp slt i64 %v1382, 2
  br i1 %v1384, label %body1381, label %done1381
body1381:
  %v1385 = mul i64 %v1382, 16
  %v1386 = getelementptr inbounds float, ptr %v1331, i64 1520
  %v1387 = load float, ptr %v1386, align 4
  %v1388 = insertelement <16 x float> poison, float %v1387, i64 0
  %v1389 = shufflevector <16 x float> %v1388, <16 x float> poison, <16 x i32> zeroinitializer
  %v1390 = getelementptr inbounds float, ptr %v1331, i64 1280
  %v1391 = getelementptr inbounds float, ptr %v1390, i64 %v1385
  %v1392 = load <16 x float>, ptr %v1391, align 4
  %v1393 = fadd contract <16 x float> %v1392, %v1389
  %v1394 = getelementptr inbounds float, ptr %v1331, i64 1328
  %v1395 = getelementptr inbounds float, ptr %v1394, i64 %v1385
  %v1396 = load <16 x float>, ptr %v1395, align 4
  %v1397 = fadd contract <16 x float> %v1396, %v1389
  %v1398 = getelementptr inbounds float, ptr %v1331, i64 1376
  %v1399 = getelementptr inbounds float, ptr %v1398, i64 %v1385
  %v1400 = load <16 x float>, ptr %v1399, align 4
  %v1401 = fadd contract <16 x float> %v1400, %v1389
  %v1402 = getelementptr inbounds float, ptr %v1331, i64 1424
  %v1403 = getelementptr inbounds float, ptr %v1402, i64 %v1385
  %v1404 = load <16 x float>, ptr %v1403, align 4
  %v1405 = fadd contract <16 x float> %v1404, %v1389
  %v1406 = getelementptr inbounds float, ptr %v1331, i64 2064
  %v1407 = load float, ptr %v1406, align 4
  %v1408 = insertelement <16 x float> poison, float %v1407, i64 0
  %v1409 = shufflevector <16 x float> %v1408, <16 x float> poison, <16 x i32> zeroinitializer
  %v1410 = getelementptr inbounds float, ptr %v1331, i64 1824
  %v1411 = getelementptr inbounds float, ptr %v1410, i64 %v1385
  %v1412 = load <16 x float>, ptr %v1411, align 4
  %v1413 = fadd contract <16 x float> %v1412, %v1409
  %v1414 = getelementptr inbounds float, ptr %v1331, i64 1872
  %v1415 = getelementptr inbounds float, ptr %v1414, i64 %v1385
  %v1416 = load <16 x float>, ptr %v1415, align 4
  %v1417 = fadd contract <16 x float> %v1416, %v1409
  %v1418 = getelementptr inbounds float, ptr %v1331, i64 1920
  %v1419 = getelementptr inbounds float, ptr %v1418, i64 %v1385
  %v1420 = load <16 x float>, ptr %v1419, align 4
  %v1421 = fadd contract <16 x float> %v1420, %v1409
  %v1422 = getelementptr inbounds float, ptr %v1331, i64 1968
  %v1423 = getelementptr inbounds float, ptr %v1422, i64 %v1385
  %v1424 = load <16 x float>, ptr %v1423, align 4
  %v1425 = fadd contract <16 x float> %v1424, %v1409
  %v1426 = mul i64 %v1332, 144
  %v1427 = getelementptr inbounds float, ptr %v106, i64 %v1426
  %v1428 = getelementptr inbounds float, ptr %v1427, i64 %v1385
  store <16 x float> %v1393, ptr %v1428, align 4
  %v1429 = mul i64 %v1332, 144
  %v1430 = getelementptr inbounds float, ptr %v106, i64 %v1429
  %v1431 = getelementptr inbounds float, ptr %v1430, i64 32
  %v1432 = getelementptr inbounds float, ptr %v1431, i64 %v1385
  store <16 x float> %v1397, ptr %v1432, align 4
  %v1433 = mul i64 %v1332, 144
  %v1434 = getelementptr inbounds float, ptr %v106, i64 %v1433
  %v1435 = getelementptr inbounds float, ptr %v1434, i64 64
  %v1436 = getelementptr inbounds float, ptr %v1435, i64 %v1385
  store <16 x float> %v1401, ptr %v1436, align 4
  %v1437 = mul i64 %v1332, 144
  %v1438 = getelementptr inbounds float, ptr %v106, i64 %v1437
  %v1439 = getelementptr inbounds float, ptr %v1438, i64 96
  %v1440 = getelementptr inbounds float, ptr %v1439, i64 %v1385
  store <16 x float> %v1405, ptr %v1440, align 4
  %v1441 = mul i64 %v1332, 144
  %v1442 = getelementptr inbounds float, ptr %v108, i64 %v1441
  %v1443 = getelementptr inbounds float, ptr %v1442, i64 %v1385
  store <16 x float> %v1413, ptr %v1443, align 4
  %v1444 = mul i64 %v1332, 144
  %v1445 = getelementptr inbounds float, ptr %v108, i64 %v1444
  %v1446 = getelementptr inbounds float, ptr %v1445, i64 32
  %v1447 = getelementptr inbounds float, ptr %v1446, i64 %v1385
  store <16 x float> %v1417, ptr %v1447, align 4
  %v1448 = mul i64 %v1332, 144
  %v1449 = getelementptr inbounds float, ptr %v108, i64 %v1448
  %v1450 = getelementptr inbounds float, ptr %v1449, i64 64
  %v1451 = getelementptr inbounds float, ptr %v1450, i64 %v1385
  store <16 x float> %v1421, ptr %v1451, align 4
  %v1452 = mul i64 %v1332, 144
  %v1453 = getelementptr inbounds float, ptr %v108, i64 %v1452
  %v1454 = getelementptr inbounds float, ptr %v1453, i64 96
  %v1455 = getelementptr inbounds float, ptr %v1454, i64 %v1385
  store <16 x float> %v1425, ptr %v1455, align 4
  %v1456 = getelementptr inbounds float, ptr %v1331, i64 112
  %v1457 = getelementptr inbounds float, ptr %v1456, i64 %v1385
  store <16 x float> %v1393, ptr %v1457, align 4
  %v1458 = getelementptr inbounds float, ptr %v1331, i64 144
  %v1459 = getelementptr inbounds float, ptr %v1458, i64 %v1385
  store <16 x float> %v1397, ptr %v1459, align 4
  %v1460 = getelementptr inbounds float, ptr %v1331, i64 176
  %v1461 = getelementptr inbounds float, ptr %v1460, i64 %v1385
  store <16 x float> %v1401, ptr %v1461, align 4
  %v1462 = getelementptr inbounds float, ptr %v1331, i64 208
  %v1463 = getelementptr inbounds float, ptr %v1462, i64 %v1385
  store <16 x float> %v1405, ptr %v1463, align 4
  %v1464 = getelementptr inbounds float, ptr %v1331, i64 240
  %v1465 = getelementptr inbounds float, ptr %v1464, i64 %v1385
  store <16 x float> %v1413, ptr %v1465, align 4
  %v1466 = getelementptr inbounds float, ptr %v1331, i64 272
  %v1467 = getelementptr inbounds float, ptr %v1466, i64 %v1385
  store <16 x float> %v1417, ptr %v1467, align 4
  %v1468 = getelementptr inbounds float, ptr %v1331, i64 304
  %v1469 = getelementptr inbounds float, ptr %v1468, i64 %v1385
  store <16 x float> %v1421, ptr %v1469, align 4
  %v1470 = getelementptr inbounds float, ptr %v1331, i64 336
  %v1471 = getelementptr inbounds float, ptr %v1470, i64 %v1385
  store <16 x float> %v1425, ptr %v1471, align 4
  %v1383 = add nuw nsw i64 %v1382, 1
  br label %head1381
done1381:
  %v1328 = add nuw nsw i64 %v1327, 1
  br label %head1326
done1326:
  br label %end1325
end1325:
  br i1 %v179, label %then1472, label %end1472
then1472:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1472
end1472:
  %v1473 = getelementptr inbounds float, ptr %v195, i64 112
  %v1474 = mul i64 %v186, 4
  %v1475 = mul i64 %v188, 4
  %v1476 = icmp slt i64 %v1475, 2
  %v1477 = select i1 %v1476, i64 %v1475, i64 2
  %v1478 = sub i64 %v1477, %v1474
  %v1479 = mul i64 %v1474, 320
  %v1480 = getelementptr inbounds float, ptr %v112, i64 %v1479
  %v1481 = mul i64 %v1474, 16
  %v1482 = getelementptr inbounds float, ptr %v195, i64 %v1481
  call void @gw_gemm(i64 %v403, ptr %v1482, i64 2096, ptr %v1473, i64 2096, ptr %v1480, i64 20, i64 %v1478, i1 0, i1 false)
  %v1483 = getelementptr inbounds float, ptr %v195, i64 144
  %v1484 = mul i64 %v186, 4
  %v1485 = mul i64 %v188, 4
  %v1486 = icmp slt i64 %v1485, 2
  %v1487 = select i1 %v1486, i64 %v1485, i64 2
  %v1488 = sub i64 %v1487, %v1484
  %v1489 = mul i64 %v1484, 320
  %v1490 = getelementptr inbounds float, ptr %v114, i64 %v1489
  %v1491 = mul i64 %v1484, 16
  %v1492 = getelementptr inbounds float, ptr %v195, i64 %v1491
  call void @gw_gemm(i64 %v403, ptr %v1492, i64 2096, ptr %v1483, i64 2096, ptr %v1490, i64 20, i64 %v1488, i1 1, i1 false)
  %v1493 = getelementptr inbounds float, ptr %v195, i64 176
  %v1494 = mul i64 %v186, 4
  %v1495 = mul i64 %v188, 4
  %v1496 = icmp slt i64 %v1495, 2
  %v1497 = select i1 %v1496, i64 %v1495, i64 2
  %v1498 = sub i64 %v1497, %v1494
  %v1499 = mul i64 %v1494, 320
  %v1500 = getelementptr inbounds float, ptr %v116, i64 %v1499
  %v1501 = mul i64 %v1494, 16
  %v1502 = getelementptr inbounds float, ptr %v195, i64 %v1501
  call void @gw_gemm(i64 %v403, ptr %v1502, i64 2096, ptr %v1493, i64 2096, ptr %v1500, i64 20, i64 %v1498, i1 1, i1 false)
  %v1503 = getelementptr inbounds float, ptr %v195, i64 208
  %v1504 = mul i64 %v186, 4
  %v1505 = mul i64 %v188, 4
  %v1506 = icmp slt i64 %v1505, 2
  %v1507 = select i1 %v1506, i64 %v1505, i64 2
  %v1508 = sub i64 %v1507, %v1504
  %v1509 = mul i64 %v1504, 320
  %v1510 = getelementptr inbounds float, ptr %v118, i64 %v1509
  %v1511 = mul i64 %v1504, 16
  %v1512 = getelementptr inbounds float, ptr %v195, i64 %v1511
  call void @gw_gemm(i64 %v403, ptr %v1512, i64 2096, ptr %v1503, i64 2096, ptr %v1510, i64 20, i64 %v1508, i1 1, i1 false)
  %v1513 = getelementptr inbounds float, ptr %v195, i64 32
  %v1514 = getelementptr inbounds float, ptr %v195, i64 240
  %v1515 = mul i64 %v186, 4
  %v1516 = mul i64 %v188, 4
  %v1517 = icmp slt i64 %v1516, 1
  %v1518 = select i1 %v1517, i64 %v1516, i64 1
  %v1519 = sub i64 %v1518, %v1515
  %v1520 = mul i64 %v1515, 320
  %v1521 = getelementptr inbounds float, ptr %v120, i64 %v1520
  %v1522 = mul i64 %v1515, 16
  %v1523 = getelementptr inbounds float, ptr %v1513, i64 %v1522
  call void @gw_gemm(i64 %v403, ptr %v1523, i64 2096, ptr %v1514, i64 2096, ptr %v1521, i64 20, i64 %v1519, i1 0, i1 false)
  %v1524 = getelementptr inbounds float, ptr %v195, i64 32
  %v1525 = getelementptr inbounds float, ptr %v195, i64 272
  %v1526 = mul i64 %v186, 4
  %v1527 = mul i64 %v188, 4
  %v1528 = icmp slt i64 %v1527, 1
  %v1529 = select i1 %v1528, i64 %v1527, i64 1
  %v1530 = sub i64 %v1529, %v1526
  %v1531 = mul i64 %v1526, 320
  %v1532 = getelementptr inbounds float, ptr %v122, i64 %v1531
  %v1533 = mul i64 %v1526, 16
  %v1534 = getelementptr inbounds float, ptr %v1524, i64 %v1533
  call void @gw_gemm(i64 %v403, ptr %v1534, i64 2096, ptr %v1525, i64 2096, ptr %v1532, i64 20, i64 %v1530, i1 1, i1 false)
  %v1535 = getelementptr inbounds float, ptr %v195, i64 32
  %v1536 = getelementptr inbounds float, ptr %v195, i64 304
  %v1537 = mul i64 %v186, 4
  %v1538 = mul i64 %v188, 4
  %v1539 = icmp slt i64 %v1538, 1
  %v1540 = select i1 %v1539, i64 %v1538, i64 1
  %v1541 = sub i64 %v1540, %v1537
  %v1542 = mul i64 %v1537, 320
  %v1543 = getelementptr inbounds float, ptr %v124, i64 %v1542
  %v1544 = mul i64 %v1537, 16
  %v1545 = getelementptr inbounds float, ptr %v1535, i64 %v1544
  call void @gw_gemm(i64 %v403, ptr %v1545, i64 2096, ptr %v1536, i64 2096, ptr %v1543, i64 20, i64 %v1541, i1 1, i1 false)
  %v1546 = getelementptr inbounds float, ptr %v195, i64 32
  %v1547 = getelementptr inbounds float, ptr %v195, i64 336
  %v1548 = mul i64 %v186, 4
  %v1549 = mul i64 %v188, 4
  %v1550 = icmp slt i64 %v1549, 1
  %v1551 = select i1 %v1550, i64 %v1549, i64 1
  %v1552 = sub i64 %v1551, %v1548
  %v1553 = mul i64 %v1548, 320
  %v1554 = getelementptr inbounds float, ptr %v126, i64 %v1553
  %v1555 = mul i64 %v1548, 16
  %v1556 = getelementptr inbounds float, ptr %v1546, i64 %v1555
  call void @gw_gemm(i64 %v403, ptr %v1556, i64 2096, ptr %v1547, i64 2096, ptr %v1554, i64 20, i64 %v1552, i1 1, i1 false)
  br i1 %v179, label %then1557, label %end1557
then1557:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1557
end1557:
  br label %head1558
head1558:
  %v1559 = phi i64 [ 0, %end1557 ], [ %v1560, %done1566 ]
  %v1561 = icmp slt i64 %v1559, %v403
  br i1 %v1561, label %body1558, label %done1558
body1558:
  %v1562 = mul i64 %v1559, 2096
  %v1563 = getelementptr inbounds float, ptr %v195, i64 %v1562
  %v1564 = add i64 %v406, %v1559
  %v1565 = sub i64 %v193, %v190
  br label %head1566
head1566:
  %v1567 = phi i64 [ 0, %body1558 ], [ %v1568, %body1566 ]
  %v1569 = icmp slt i64 %v1567, %v1565
  br i1 %v1569, label %body1566, label %done1566
body1566:
  %v1570 = add i64 %v190, %v1567
  %v1571 = mul i64 %v1570, 16
  %v1572 = getelementptr inbounds float, ptr %v1563, i64 %v1571
  %v1573 = load <16 x float>, ptr %v1572, align 4
  %v1574 = getelementptr inbounds float, ptr %v1563, i64 48
  %v1575 = getelementptr inbounds float, ptr %v1574, i64 %v1571
  store <16 x float> %v1573, ptr %v1575, align 4
  %v1568 = add nuw nsw i64 %v1567, 1
  br label %head1566
done1566:
  %v1560 = add nuw nsw i64 %v1559, 1
  br label %head1558
done1558:
  br i1 %v179, label %then1576, label %end1576
then1576:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1576
end1576:
  br i1 %v178, label %then1577, label %end1577
then1577:
  br label %head1578
head1578:
  %v1579 = phi i64 [ 0, %then1577 ], [ %v1580, %body1578 ]
  %v1581 = icmp slt i64 %v1579, %v403
  br i1 %v1581, label %body1578, label %done1578
body1578:
  %v1582 = add i64 %v212, %v1579
  %v1583 = getelementptr inbounds i64, ptr %v52, i64 %v1582
  %v1584 = load i64, ptr %v1583, align 8
  %v1585 = mul i64 %v1579, 2096
  %v1586 = getelementptr inbounds float, ptr %v195, i64 %v1585
  %v1587 = mul i64 %v1584, %v34
  %v1588 = getelementptr inbounds float, ptr %v30, i64 %v1587
  %v1589 = mul i64 %v390, %v32
  %v1590 = getelementptr inbounds float, ptr %v1588, i64 %v1589
  %v1591 = getelementptr inbounds float, ptr %v1586, i64 32
  call void @copy(ptr %v1590, ptr %v1591, i64 3)
  %v1580 = add nuw nsw i64 %v1579, 1
  br label %head1578
done1578:
  br label %end1577
end1577:
  br i1 %v179, label %then1592, label %end1592
then1592:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1592
end1592:
  %v1593 = add i64 %v390, %v70
  %v1594 = icmp ne ptr %v64, null
  %v1595 = icmp slt i64 %v1593, %v44
  %v1596 = and i1 %v1594, %v1595
  br i1 %v1596, label %then1597, label %end1597
then1597:
  store i64 %v214, ptr %v199, align 8
  br i1 %v222, label %then1598, label %end1598
then1598:
  store i64 0, ptr %v199, align 8
  br label %head1599
head1599:
  %v1600 = phi i64 [ 0, %then1598 ], [ %v1601, %body1599 ]
  %v1602 = icmp slt i64 %v1600, %v214
  br i1 %v1602, label %body1599, label %done1599
body1599:
  %v1603 = add i64 %v212, %v1600
  %v1604 = getelementptr inbounds i64, ptr %v54, i64 %v1603
  %v1605 = load i64, ptr %v1604, align 8
  %v1606 = icmp sgt i64 %v1605, %v1593
  %v1607 = load i64, ptr %v199, align 8
  %v1608 = zext i1 %v1606 to i64
  %v1609 = add i64 %v1607, %v1608
  store i64 %v1609, ptr %v199, align 8
  %v1601 = add nuw nsw i64 %v1600, 1
  br label %head1599
done1599:
  br label %end1598
end1598:
  %v1610 = load i64, ptr %v199, align 8
  br i1 %v179, label %then1611, label %end1611
then1611:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1611
end1611:
  br i1 %v178, label %then1612, label %end1612
then1612:
  br label %head1613
head1613:
  %v1614 = phi i64 [ 0, %then1612 ], [ %v1615, %end1628 ]
  %v1616 = icmp slt i64 %v1614, %v1610
  br i1 %v1616, label %body1613, label %done1613
body1613:
  %v1617 = add i64 %v212, %v1614
  %v1618 = getelementptr inbounds i64, ptr %v52, i64 %v1617
  %v1619 = load i64, ptr %v1618, align 8
  %v1620 = mul i64 %v1614, 2096
  %v1621 = getelementptr inbounds float, ptr %v195, i64 %v1620
  %v1622 = mul i64 %v1593, %v66
  %v1623 = mul i64 %v1619, %v68
  %v1624 = add i64 %v1622, %v1623
  %v1625 = getelementptr inbounds i8, ptr %v64, i64 %v1624
  %v1626 = load i8, ptr %v1625, align 1
  %v1627 = icmp ne i8 %v1626, 0
  br i1 %v1627, label %then1628, label %end1628
then1628:
  %v1629 = mul i64 %v1619, %v24
  %v1630 = getelementptr inbounds float, ptr %v22, i64 %v1629
  br label %head1631
head1631:
  %v1632 = phi i64 [ 0, %then1628 ], [ %v1633, %body1631 ]
  %v1634 = icmp slt i64 %v1632, 2
  br i1 %v1634, label %body1631, label %done1631
body1631:
  %v1635 = mul i64 %v1632, 16
  %v1636 = getelementptr inbounds float, ptr %v1630, i64 %v1635
  %v1637 = getelementptr inbounds float, ptr %v1621, i64 48
  %v1638 = getelementptr inbounds float, ptr %v1637, i64 %v1635
  %v1639 = load <16 x float>, ptr %v1636, align 4
  %v1640 = load <16 x float>, ptr %v1638, align 4
  %v1641 = fadd <16 x float> %v1639, %v1640
  store <16 x float> %v1641, ptr %v1636, align 4
  store <16 x float> zeroinitializer, ptr %v1638, align 4
  %v1633 = add nuw nsw i64 %v1632, 1
  br label %head1631
done1631:
  %v1642 = mul i64 %v1619, %v28
  %v1643 = getelementptr inbounds float, ptr %v26, i64 %v1642
  br label %head1644
head1644:
  %v1645 = phi i64 [ 0, %done1631 ], [ %v1646, %body1644 ]
  %v1647 = icmp slt i64 %v1645, 2
  br i1 %v1647, label %body1644, label %done1644
body1644:
  %v1648 = mul i64 %v1645, 16
  %v1649 = getelementptr inbounds float, ptr %v1643, i64 %v1648
  %v1650 = getelementptr inbounds float, ptr %v1621, i64 80
  %v1651 = getelementptr inbounds float, ptr %v1650, i64 %v1648
  %v1652 = load <16 x float>, ptr %v1649, align 4
  %v1653 = load <16 x float>, ptr %v1651, align 4
  %v1654 = fadd <16 x float> %v1652, %v1653
  store <16 x float> %v1654, ptr %v1649, align 4
  store <16 x float> zeroinitializer, ptr %v1651, align 4
  %v1646 = add nuw nsw i64 %v1645, 1
  br label %head1644
done1644:
  br label %end1628
end1628:
  %v1615 = add nuw nsw i64 %v1614, 1
  br label %head1613
done1613:
  br label %end1612
end1612:
  br i1 %v179, label %then1655, label %end1655
then1655:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1655
end1655:
  br label %end1597
end1597:
  %v386 = add nuw nsw i64 %v385, 1
  br label %head384
done384:
  br i1 %v178, label %then1656, label %end1656
then1656:
  br label %head1657
head1657:
  %v1658 = phi i64 [ 0, %then1656 ], [ %v1659, %body1657 ]
  %v1660 = icmp slt i64 %v1658, %v214
  br i1 %v1660, label %body1657, label %done1657
body1657:
  %v1661 = add i64 %v212, %v1658
  %v1662 = getelementptr inbounds i64, ptr %v52, i64 %v1661
  %v1663 = load i64, ptr %v1662, align 8
  %v1664 = mul i64 %v1658, 2096
  %v1665 = getelementptr inbounds float, ptr %v195, i64 %v1664
  %v1666 = mul i64 %v1663, %v38
  %v1667 = getelementptr inbounds float, ptr %v36, i64 %v1666
  %v1668 = getelementptr inbounds float, ptr %v1665, i64 48
  call void @copy(ptr %v1667, ptr %v1668, i64 20)
  %v1669 = mul i64 %v1663, %v42
  %v1670 = getelementptr inbounds float, ptr %v40, i64 %v1669
  %v1671 = getelementptr inbounds float, ptr %v1665, i64 80
  call void @copy(ptr %v1670, ptr %v1671, i64 20)
  %v1659 = add nuw nsw i64 %v1658, 1
  br label %head1657
done1657:
  br label %end1656
end1656:
  br label %next
finished:
  ret void
}

define internal <16 x float> @gw.sigmoid.v16f32(<16 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <16 x float> splat (float 0xC05601E680000000), %x
  %v1 = select <16 x i1> %v0, <16 x float> splat (float 0xC05601E680000000), <16 x float> %x
  %v2 = fcmp olt <16 x float> splat (float 0x403419ECC0000000), %v1
  %v3 = select <16 x i1> %v2, <16 x float> splat (float 0x403419ECC0000000), <16 x float> %v1
  %v4 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v3, <16 x float> splat (float 0x3FF7154760000000), <16 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <16 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0xBFE6300000000000), <16 x float> %v3)
  %v7 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0x3F2BD01060000000), <16 x float> %v6)
  %v8 = fmul <16 x float> %v7, %v7
  %v9 = fmul <16 x float> %v7, %v8
  %v10 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> splat (float 0x3F80C813A0000000), <16 x float> %v8, <16 x float> splat (float 0xBFB554FEE0000000))
  %v11 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v9, <16 x float> %v10, <16 x float> %v7)
  %v12 = bitcast <16 x float> %v4 to <16 x i32>
  %v13 = shl <16 x i32> %v12, splat (i32 23)
  %v14 = bitcast <16 x i32> %v13 to <16 x float>
  %v15 = fadd <16 x float> %v11, splat (float 0x4000000000000000)
  %v16 = fmul <16 x float> %v14, %v15
  %v17 = fsub <16 x float> splat (float 0x4000000000000000), %v11
  %v18 = fadd <16 x float> %v16, %v17
  %v19 = fdiv <16 x float> %v16, %v18
  ret <16 x float> %v19
}

define internal <16 x float> @gw.tanh.v16f32(<16 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <16 x float> splat (float 0xC02419ECC0000000), %x
  %v1 = select <16 x i1> %v0, <16 x float> splat (float 0xC02419ECC0000000), <16 x float> %x
  %v2 = fcmp olt <16 x float> splat (float 0x402419ECC0000000), %v1
  %v3 = select <16 x i1> %v2, <16 x float> splat (float 0x402419ECC0000000), <16 x float> %v1
  %v4 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v3, <16 x float> splat (float 0x4007154760000000), <16 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <16 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0xBFD62E4300000000), <16 x float> %v3)
  %v7 = fmul <16 x float> %v6, %v6
  %v8 = fmul <16 x float> %v6, %v7
  %v9 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> splat (float 0x3FC0C813A0000000), <16 x float> %v7, <16 x float> splat (float 0xBFD554FEE0000000))
  %v10 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v8, <16 x float> %v9, <16 x float> %v6)
  %v11 = bitcast <16 x float> %v4 to <16 x i32>
  %v12 = shl <16 x i32> %v11, splat (i32 23)
  %v13 = bitcast <16 x i32> %v12 to <16 x float>
  %v14 = fadd <16 x float> %v13, splat (float 0x3FF0000000000000)
  %v15 = fsub <16 x float> %v13, splat (float 0x3FF0000000000000)
  %v16 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v14, <16 x float> %v10, <16 x float> %v15)
  %v17 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v15, <16 x float> %v10, <16 x float> %v14)
  %v18 = fdiv <16 x float> %v16, %v17
  ret <16 x float> %v18
}

